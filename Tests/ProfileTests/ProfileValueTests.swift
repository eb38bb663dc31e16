import Testing

@testable import Profile

@Suite struct ProfileValueTests {
    @Test(arguments: [
        ("1K", 1024), ("512M", 512 << 20), ("1G", 1 << 30), ("1048576G", 1 << 50),
    ])
    func sizes(text: String, octets: Int) {
        #expect(AgentProfile.Tmpfs.octets(text) == octets)
    }

    @Test(arguments: [
        "", "G", "0G", "-1G", "1", "1g", "1T", "1.5G", "1 G", "1048577G", "99999999999999999999G",
    ])
    func noSizes(text: String) {
        #expect(AgentProfile.Tmpfs.octets(text) == nil)
    }

    @Test(arguments: ["A", "_", "a1_B", "GH_PAT"])
    func variableNames(name: String) { #expect(isVariableName(name)) }

    @Test(arguments: ["", "1A", "A-B", "A B", "A=", "É", "A\0"])
    func noVariableNames(name: String) { #expect(!isVariableName(name)) }
}

@Suite struct KeyLocatorTests {
    private static let document = """
        # comment = 1
        top = 1
        dotted.inner = 2
          [table]   # [not.this]
        key = "a = b"
        "quoted" = 3

        [table.below]
        key = 4
        [[list]]
        name = "first"
        [list.inner]
        name = "in first"
        [[list]]
        name = "second"
        inline = { key = 1 }
        [list.inner]
        name = "in second"
        text = \"\"\"
        name = "text"
        [[list]]
        \"\"\"
        after = 5
        single = \"\"\"one line\"\"\"
        last = 6
        """

    @Test(arguments: [
        ("top", 2), ("dotted", 3), ("dotted inner", 3), ("table", 4), ("table key", 5),
        ("table quoted", 6), ("table below", 8), ("table below key", 9), ("list 0", 10),
        ("list 0 name", 11), ("list 0 inner", 12), ("list 0 inner name", 13), ("list 1", 14),
        ("list 1 name", 15), ("list 1 inline", 16), ("list 1 inner", 17), ("list 1 inner name", 18),
        ("list 1 inner text", 19), ("list 1 inner after", 23), ("list 1 inner single", 24),
        ("list 1 inner last", 25),
        // Closest parents.
        ("list 1 inline key", 16), ("table absent", 4), ("list 2", 10), ("absent", 0), ("", 0),
        ("comment", 0),
    ])
    func line(key: String, line: Int) {
        let path = key.split(separator: " ").map(String.init)
        #expect(KeyLocator(Self.document).line(of: path) == line)
    }
}

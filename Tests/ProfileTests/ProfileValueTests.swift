import Testing

@testable import Profile

@Suite struct ProfileValueTests {
    @Test(arguments: [
        ("1K", 1024), ("512M", 512 << 20), ("1G", 1 << 30), ("1048576G", 1 << 50),
        ("2000000K", 2_000_000 << 10), ("1073741824M", 1 << 50),
    ])
    func sizes(text: String, octets: Int) {
        #expect(AgentProfile.Tmpfs.octets(text) == octets)
    }

    @Test(arguments: [
        "", "G", "0G", "-1G", "1", "1g", "1T", "1.5G", "1 G", "1048577G", "99999999999999999999G",
        "+5M", "\u{0665}M", "1073741825M",
    ])
    func noSizes(text: String) {
        #expect(AgentProfile.Tmpfs.octets(text) == nil)
    }

    @Test(arguments: ["A", "_", "a1_B", "GH_PAT"])
    func variableNames(name: String) { #expect(isVariableName(name)) }

    @Test(arguments: ["", "1A", "A-B", "A B", "A=", "É", "A\0"])
    func noVariableNames(name: String) { #expect(!isVariableName(name)) }
}

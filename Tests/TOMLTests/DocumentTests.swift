import Testing

@testable import TOML

@Suite struct DocumentTests {
    private static func parse(_ text: String) throws(Mistakes) -> Table {
        try Document.parse(Array(text.utf8), file: "f")
    }

    /// A document as `Document.text(of:)` writes it.
    private static func normal(_ text: String) throws -> String {
        let normal = Document.text(of: try parse(text))
        #expect(try Document.text(of: parse(normal)) == normal)
        return normal
    }

    @Test(arguments: [
        ("", ""), ("# nothing", ""), ("\u{feff}a = 1", "a = 1\n"),
        ("\r\n\ta = 1 # one\r\n", "a = 1\n"),
        ("a.b.c = 1", "[a]\n\n[a.b]\nc = 1\n"), ("a . \"b c\" = 1", "[a]\n\"b c\" = 1\n"),
        ("'' = 1\n\"\\u00e9\" = 2", "\"\" = 1\n\"é\" = 2\n"), ("1.2 = 3", "[1]\n2 = 3\n"),
        ("a = [ ]", "a = []\n"), ("a = [1, # one\n\n 2,\n]", "a = [1, 2]\n"),
        ("a = [[1], ['x', {b = {}}]]", "a = [[1], [\"x\", { b = {} }]]\n"),
        ("a = { b.c = 1, b.d = 2 }", "[a]\n\n[a.b]\nc = 1\nd = 2\n"),
        ("a = [{b = 1}, {b = 2}]", "[[a]]\nb = 1\n\n[[a]]\nb = 2\n"),
        ("[[a]]\n[a.b]\nc = 1\n[[a]]\n[[a.d]]", "[[a]]\n\n[a.b]\nc = 1\n\n[[a]]\n\n[[a.d]]\n"),
        ("[a.b]\nc = 1\n[a]\nd = 2", "[a]\nd = 2\n\n[a.b]\nc = 1\n"),
        ("[a]\nb.c = 1\n[a.b.d]\ne = 1", "[a]\n\n[a.b]\nc = 1\n\n[a.b.d]\ne = 1\n"),
        ("[ a . 'b' ]", "[a]\n\n[a.b]\n"), ("[[ a ]]", "[[a]]\n"),
        ("a = true\nb = false", "a = true\nb = false\n"),
        (
            "a = [+99, -0, 1_000, 0xDEAD_beef, 0o17, 0b101]",
            "a = [99, 0, 1000, 3735928559, 15, 5]\n"
        ),
        (
            "a = 9223372036854775807\nb = -9223372036854775808",
            "a = 9223372036854775807\nb = -9223372036854775808\n"
        ),
        (
            "a = [1.0, -3.1_4, 5e+22, 6.6e-34, inf, -nan]",
            "a = [1.0, -3.1_4, 5e+22, 6.6e-34, inf, -nan]\n"
        ),
        (
            "a = [1979-05-27, 07:32:00.5, 1979-05-27T07:32:00Z, 1979-05-27 07:32:00-07:00]",
            "a = [1979-05-27, 07:32:00.5, 1979-05-27T07:32:00Z, 1979-05-27 07:32:00-07:00]\n"
        ),
        ("a = 2000-02-29", "a = 2000-02-29\n"),
        (
            "a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\"",
            "a = \"\\u0008\\t\\n\\u000C\\u000D\\\"\\\\é😀\"\n"
        ),
        ("a = 'C:\\x \"y\"'", "a = \"C:\\\\x \\\"y\\\"\"\n"),
        ("a = \"\"\"\nx\r\ny\"\"\"", "a = \"x\\ny\"\n"), ("a = '''\n\\n'''", "a = \"\\\\n\"\n"),
        ("a = \"\"\"x \\  \n\n   y\"\"\"", "a = \"x y\"\n"),
        ("a = \"\"\"\\\r\n  x\"\"\"", "a = \"x\"\n"),
        ("a = \"\"\"\"x\"\"\"\"\"", "a = \"\\\"x\\\"\\\"\"\n"),
        ("a = '''''x'''''", "a = \"''x''\"\n"),
        ("a = \"\"\"\n[b]\nc = 1\n\"\"\"\nd = 1", "a = \"[b]\\nc = 1\\n\"\nd = 1\n"),
        ("a = \"\\u202e\\u001b\"", "a = \"\\u202E\\u001B\"\n"),
    ])
    func isRead(text: String, normal: String) throws {
        #expect(try Self.normal(text) == normal)
    }

    private static let taken = "is there already: leave one out"

    @Test(arguments: [
        ("a = \n", 1, "the end of the line is not a value: put a text in quotes"),
        ("a =", 1, "the end of the file is not a value: put a text in quotes"),
        ("a = b", 1, "b is not a value: put a text in quotes"),
        ("\na b = 1", 2, "'b' is not expected after a key: write KEY = VALUE"),
        ("= 1", 1, "'=' is not a key: quote it as in \"a b\""),
        ("a. = 1", 1, "'=' is not a key: quote it as in \"a b\""),
        ("é = 1", 1, "'é' is not a key: quote it as in \"a b\""),
        ("\"\"\"a\"\"\" = 1", 1, "a key has one quote on each side: take the others out"),
        ("a = 1 b = 2", 1, "'b' is not expected here: a line ends after its value"),
        ("[a] b = 1", 1, "'b' is not expected here: a line ends after its value"),
        ("[[", 1, "the end of the file is not a key: quote it as in \"a b\""),
        ("[[\n", 1, "the end of the line is not a key: quote it as in \"a b\""),
        ("a = 1\n[\n", 2, "the end of the line is not a key: quote it as in \"a b\""),
        ("[]", 1, "']' is not a key: quote it as in \"a b\""),
        ("[[]]", 1, "']' is not a key: quote it as in \"a b\""),
        ("[[=", 1, "'=' is not a key: quote it as in \"a b\""),
        ("[ [a] ]", 1, "'[' is not a key: quote it as in \"a b\""),
        ("[[a] ]", 1, "' ' is not expected in a header: write [name] or [[name]]"),
        ("[a", 1, "the end of the file is not expected in a header: write [name] or [[name]]"),
        ("[a]]", 1, "']' is not expected here: a line ends after its value"),
        ("a = 1\na = 2", 2, "a \(taken)"), ("[a]\n[a]", 2, "a \(taken)"),
        ("[[a]]\n[a]", 2, "a \(taken)"), ("[a]\n[[a]]", 2, "a \(taken)"),
        ("a = []\n[[a]]", 2, "a \(taken)"), ("a = {}\n[a.b]", 2, "a \(taken)"),
        ("a = {}\na.b = 1", 2, "a \(taken)"), ("[a]\nb.c = 1\n[a.b]", 3, "b \(taken)"),
        ("[a.b.c]\n[a]\nb.d = 1", 3, "b \(taken)"), ("a.b = 1\na.b.c = 2", 2, "b \(taken)"),
        ("a = { b = 1, b = 2 }", 1, "b \(taken)"),
        (
            "a = { b = 1", 1,
            "the end of the file is not expected in a table: write { A = 1, B = 2 } on one line"
        ),
        ("a = { b = 1,\n c = 2 }", 1, "the end of the line is not a key: quote it as in \"a b\""),
        ("a = { b = 1, }", 1, "'}' is not a key: quote it as in \"a b\""),
        ("a = [1 2]", 1, "'2' is not expected in an array: write [A, B]"),
        ("a = [1,\n2", 2, "the end of the file is not expected in an array: write [A, B]"),
        ("a = [,]", 1, "',' is not a value: put a text in quotes"),
        ("a = \"x", 1, "a text has no end: put the same quote behind it"),
        ("a = 'x\nb = 1", 1, "a text has no end: put the same quote behind it"),
        ("a = \"\\", 1, "a text has no end: put the same quote behind it"),
        ("a = \"\"\"\nx\n\"\"", 1, "a text has no end: put three of its quotes behind it"),
        (
            "a = \"\\x\"", 1,
            "a backslash is not expected here: double it, or put the text in single quotes"
        ),
        (
            "a = \"\\ud800\"", 1,
            "a backslash is not expected here: double it, or put the text in single quotes"
        ),
        (
            "a = \"\\U00110000\"", 1,
            "a backslash is not expected here: double it, or put the text in single quotes"
        ),
        (
            "a = \"\\u12\"", 1,
            "a backslash is not expected here: double it, or put the text in single quotes"
        ),
        ("a = \"\u{0}\"", 1, "a control character is in a text: write it as in \\u001B"),
        ("a = '\u{7f}'", 1, "a control character is in a text: write it as in \\u001B"),
        ("# \u{0}", 1, "a control character is in a comment: take it out"),
        (
            "a = 1\rb = 2", 1,
            "a control character is not expected here: a line ends after its value"
        ),
        ("\u{0}a = 1", 1, "a control character is not a key: quote it as in \"a b\""),
        (
            "a = 9223372036854775808", 1,
            "9223372036854775808 does not fit into 64 bits: use a smaller one"
        ),
        ("a = 007", 1, "007 is not a value: put a text in quotes"),
        ("a = 1__0", 1, "1__0 is not a value: put a text in quotes"),
        ("a = 1.", 1, "1. is not a value: put a text in quotes"),
        ("a = 0x", 1, "0x is not a value: put a text in quotes"),
        ("a = 1979-02-29", 1, "1979-02-29 is not a value: put a text in quotes"),
        ("a = 24:00:00", 1, "24:00:00 is not a value: put a text in quotes"),
        ("a = True", 1, "True is not a value: put a text in quotes"),
    ])
    func isRefused(text: String, line: Int, reason: String) {
        let error = #expect(throws: Mistakes.self) { try Self.parse(text) }
        #expect(error?.mistakes == [Mistake(line: line, reason: reason)])
    }

    @Test func goesOnAfterAMistake() {
        let error = #expect(throws: Mistakes.self) {
            try Self.parse("a = b\nc = 1\n[[\nc = 2\n[d]\ne 1\nf = 2\nf = 3")
        }
        #expect(error?.mistakes.map(\.line) == [1, 3, 6, 8])
    }

    @Test func linesAreThoseOfTheDocument() throws {
        let table = try Self.parse(
            "a = [\n  1,\n  { b = 1 },\n]\n[c.d]\ne = '''\n\n'''\nf = 1\n[[g]]\n[[g]]\n")
        let lines = { (node: Node?) in node?.place.line }
        #expect(lines(table["a"]) == 1 && table["a"]?.array?.map(\.place.line) == [2, 3])
        #expect(table["a"]?.array?[1].table?["b"]?.place == Place(file: "f", line: 3))
        #expect(lines(table["c"]) == 5 && table["c"]?.table?.place.line == 5)
        #expect(lines(table["c"]?.table?["d"]?.table?["f"]) == 9)
        #expect(table["g"]?.array?.map(\.place.line) == [10, 11])
        #expect(table.place.line == 0 && table.keys == ["a", "c", "g"])
    }

    @Test func whatIsNotUTF8HasItsLine() {
        let error = #expect(throws: Mistakes.self) {
            try Document.parse(Array("a = 1\nb = '".utf8) + [0xff], file: "f")
        }
        #expect(error?.mistakes == [Mistake(line: 2, reason: "it is not UTF-8: save it as UTF-8")])
    }

    /// What would overflow a stack, or take time that grows with the square of the size.
    @Test(arguments: [
        (String(repeating: "[", count: 40_000), false),
        (String(repeating: "a = [", count: 20_000), false),
        ("a = " + String(repeating: "[", count: 40_000), false),
        ("a = " + String(repeating: "{a=", count: 20_000), false),
        (String(repeating: "a.", count: 40_000) + "a = 1", false),
        ("[" + String(repeating: "a.", count: 40_000) + "a]", false),
        (String(repeating: "[[a]]\n", count: 20_000), true),
        ((0..<20_000).map { "k\($0) = 1\n" }.joined(), true),
        ("a = [" + String(repeating: "1,", count: 20_000) + "]", true),
        (String(repeating: "\n", count: 40_000), true),
        (String(repeating: "=\n", count: 40_000), false),
        ("a = \"\"\"" + String(repeating: "\"\"\\\"", count: 20_000), false),
        ("a = '" + String(repeating: "é", count: 40_000) + "'", true),
    ])
    func largeOnesEnd(text: String, isRead: Bool) {
        do throws(Mistakes) {
            _ = try Self.parse(text)
            #expect(isRead)
        } catch {
            #expect(!isRead && error.mistakes.count <= Document.mostMistakes)
        }
    }

    @Test func depthHasALimit() {
        let deepest = String(repeating: "a.", count: Document.deepest - 2) + "a = 1"
        #expect(throws: Never.self) { try Self.parse(deepest) }
        let error = #expect(throws: Mistakes.self) { try Self.parse("[b]\n" + deepest) }
        #expect(
            error?.mistakes == [
                Mistake(line: 2, reason: "tables and arrays are more than 32 deep: make it flatter")
            ])
    }

    @Test(arguments: [
        ("a", ["a"]), ("a.b", ["a", "b"]), ("a.\"b.c\"", ["a", "b.c"]), ("", nil), ("a.", nil),
        ("a b", nil), ("a=1", nil), ("\"", nil), ("a\n", nil),
    ])
    func keys(text: String, parts: [String]?) { #expect(Document.key(text) == parts) }

    @Test func everyMutationOfAProfileEnds() {
        let profile =
            "name = 'a'\n[[secret]]\nname = \"B\"\ncredential = { host = \"h\" }\n[x.y]\nz = '''\n1'''\nd = 1979-05-27\n"
        let octets = Array(profile.utf8)
        for index in octets.indices {
            for octet: UInt8 in [0, 10, 13, 34, 39, 35, 46, 61, 91, 92, 93, 123, 125, 44, 48, 255] {
                var changed = octets
                changed[index] = octet
                _ = try? Document.parse(changed, file: "f")
            }
            _ = try? Document.parse(Array(octets[..<index]), file: "f")
        }
    }
}

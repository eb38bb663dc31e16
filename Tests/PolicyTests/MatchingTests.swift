import Policy
import Testing

@Suite struct MatchingTests {
    private static let text = """
        example.com
        *.example.com:80
        .example.net
        deep.example.net:22
        *.deep.example.net
        a.b.example.com
        10.0.0.0/8
        """

    @Test(arguments: [
        ("example.com", ["example.com"]),
        ("EXAMPLE.com", ["example.com"]),
        ("www.example.com", ["*.example.com:80"]),
        ("a.b.example.com", ["a.b.example.com", "*.example.com:80"]),
        ("b.example.com", ["*.example.com:80"]),
        ("x.y.z.example.com", ["*.example.com:80"]),
        ("example.net", [".example.net"]),
        ("www.example.net", [".example.net"]),
        ("deep.example.net", ["deep.example.net:22", ".example.net"]),
        ("a.deep.example.net", ["*.deep.example.net", ".example.net"]),
        ("notexample.com", []), ("com", []), ("example.com.evil.org", []), ("xexample.net", []),
        ("example.org", []), ("net", []),
    ])
    func matches(text: String, expected: [String]) throws {
        let list = try allowlist(Self.text)
        #expect(lines(of: list.matches(try DomainName(parsing: text)), in: list) == expected)
    }

    /// An exception denies its name and everything below, wherever it stands in the list.
    @Test(arguments: [
        ("example.net", [".example.net"]), ("a.example.net", [".example.net"]),
        ("ads.example.net", []), ("x.ads.example.net", []),
        ("badads.example.net", [".example.net"]),
        ("ok.ads.example.net", []),
    ])
    func exceptions(text: String, expected: [String]) throws {
        let list = try allowlist("!ads.example.net\n.example.net\nok.ads.example.net")
        #expect(lines(of: list.matches(try DomainName(parsing: text)), in: list) == expected)
        let again = try allowlist(list.canonicalText)
        #expect(again.canonicalText == list.canonicalText)
        #expect(!list.isWildcard(0))
    }

    @Test(arguments: [
        "!", "!example.net:443", "!*.example.net", "!10.0.0.0/8", "!!a.test", "! a b",
    ])
    func refusedExceptions(line: String) {
        #expect(throws: AllowlistErrors.self) { try allowlist(line) }
    }

    @Test func foldsTheWireName() throws {
        let list = try allowlist("example.com")
        let name = [7] + Array("ExAmPlE".utf8) + [3] + Array("COM".utf8) + [0]
        #expect(Array(list.matches(wireName: name.span)) == [0])
    }

    /// Attack 12 of the threat catalogue: dots and NUL inside labels, and bytes that do not add up.
    @Test(
        arguments: [
            [11] + Array("example.com".utf8) + [0],
            [1, 0, 7] + Array("example".utf8) + [3] + Array("com".utf8) + [0],
            [8] + Array("example\0".utf8) + [3] + Array("com".utf8) + [0],
            [7] + Array("example".utf8) + [3] + Array("com".utf8),
            [7] + Array("example".utf8) + [3] + Array("com".utf8) + [0, 0],
            [1, 0x20, 7] + Array("example".utf8) + [3] + Array("com".utf8) + [0],
            [7] + Array("example".utf8) + [0xC0, 0x0C],
            [], [0], [0, 0], [255], [63],
        ] as [[UInt8]])
    func malformedMatchesNothing(name: [UInt8]) throws {
        let list = try allowlist("example.com\n*.example.com\n.com.example")
        #expect(list.matches(wireName: name.span).isEmpty)
        // The control: the same list does match the well-formed name.
        #expect(list.matches(try DomainName(parsing: "a.example.com")).count == 1)
    }

    @Test func moreMatchesThanFitInPlace() throws {
        let list = try allowlist((1...20).map { ".example.com:\($0 * 100)\n" }.joined())
        let matches = list.matches(try DomainName(parsing: "a.example.com"))
        #expect(Array(matches) == Array(0..<20))
        #expect(matches.last == 19)
    }

    /// 127 labels, with a rule for each suffix that a rule can have.
    @Test func deepestName() throws {
        let suffixes = (2...127).map {
            "." + Array(repeating: "a", count: $0).joined(separator: ".")
        }
        let list = try allowlist(suffixes.joined(separator: "\n"))
        let name = try DomainName(parsing: Array(repeating: "a", count: 127).joined(separator: "."))
        #expect(Array(list.matches(name)) == Array((0..<126).reversed()))
    }

    @Test(arguments: [
        ("com", true), ("COM", true), ("b.example.com", true), ("example.com", true),
        ("a.b.example.com", false), ("example.net", false), ("wild.example.org", true),
        ("a.wild.example.org", false), ("ample.com", false), ("no.test", false), ("test", false),
        ("late.example", true), ("x.late.example", false),
    ])
    func parents(text: String, expected: Bool) throws {
        let list = try allowlist(
            """
            a.b.example.com
            .example.net
            *.wild.example.org
            !a.no.test
            !x.late.example
            x.late.example
            """)
        #expect(
            allowsBelow(try DomainName(parsing: text).wireBytes, in: list) == expected)
    }

    private func allowsBelow(_ wireName: [UInt8], in list: Allowlist) -> Bool {
        list.allowsBelow(wireName: wireName.span)
    }

    @Test(arguments: [[], [0], [0, 0], [3], [3] + Array("com".utf8)] as [[UInt8]])
    func malformedNamesAreNobodysParents(name: [UInt8]) throws {
        let list = try allowlist("example.com")
        #expect(!allowsBelow(name, in: list))
        #expect(allowsBelow([3] + Array("com".utf8) + [0], in: list), "the control")
    }

    @Test(arguments: [
        ("no.up.test", "!no.up.test"), ("a.no.up.test", "!no.up.test"),
        ("a.x.no.up.test", "!no.up.test"), ("up.test", nil), ("xno.up.test", nil),
    ])
    func exceptionOfAName(text: String, expected: String?) throws {
        let list = try allowlist("!x.no.up.test\n!no.up.test\n.up.test\nno.up.test:80\n")
        let found = list.exception(over: try DomainName(parsing: text))
        #expect(found?.description == expected)
    }

    @Test func everyNameOfALongListIsFound() throws {
        let names = (0..<20_000).map { "host\($0).zone\($0 % 31).example" }
        let list = try allowlist(names.joined(separator: "\n"))
        for (index, text) in names.enumerated() {
            let matches = list.matches(try DomainName(parsing: text))
            let zone = try DomainName(parsing: text.drop { $0 != "." }.dropFirst())
            guard matches.count == 1, matches[0] == RuleIndex(index),
                allowsBelow(zone.wireBytes, in: list)
            else {
                Issue.record("\(text) matches \(Array(matches))")
                return
            }
        }
        #expect(list.matches(try DomainName(parsing: "host20000.zone5.example")).isEmpty)
    }
}

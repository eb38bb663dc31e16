import Policy
import Testing

@Suite struct AllowlistTests {
    /// PID 1 writes beside a grant which names it is for, without making the rule.
    @Test func tellsWhatARuleOpens() throws {
        let list = try Allowlist(parsing: [
            .init(
                name: "a",
                text: """
                    a.b.example.com
                    *.example.net:8443
                    .example.org:123/udp
                    xn--bcher-kva.example
                    single
                    !not.example.net
                    192.0.2.0/24
                    """)
        ])
        #expect(list.rules.count == 7)
        for (index, rule) in list.rules.enumerated() {
            let opening = list.opening(of: RuleIndex(index))
            switch rule.subject {
            case .exact, .below, .apexAndBelow:
                #expect(opening?.names == rule.subject.description)
                #expect(opening?.service == rule.service)
            case .exception, .addresses: #expect(opening == nil)
            }
        }
        #expect(list.opening(of: 7) == nil)
    }

    @Test func everyFormIsAccepted() throws {
        let list = try allowlist(everyForm)
        #expect(
            list.canonicalText == """
                api.anthropic.com
                deb.example.org:80,443
                *.githubusercontent.com
                .example.net
                git.example.com:22
                quic.example.com:443/udp
                203.0.113.0/24
                10.1.2.3:5432
                many.example.com:80-81,443,8000-8100
                xn--bcher-kva.example
                2001:db8::1
                2001:db8:1::/48
                [2001:db8::1]:22
                [2001:db8:2::/48]:443/udp
                192.168.7.0/24:1-65535
                _service.example.com

                """)
        #expect(list.rules[8].origin == RuleOrigin(source: "domains.conf", line: 11))
        #expect(list.rules[8].ports.map(\.count) == [2, 1, 101])
    }

    @Test(arguments: [
        "", "\n", "\n\n", "#", "# only a comment", " \t \r\n", "\u{FEFF}", "\r\n\r\n", "\t# x\r\n",
    ])
    func nothingIsAllowedByNothing(text: String) throws {
        let list = try allowlist(text)
        #expect(list.rules.isEmpty)
        #expect(list.canonicalText == "")
        #expect(list.matches(try DomainName(parsing: "example.com")).isEmpty)
    }

    @Test func byteOrderMarkAndLineEnds() throws {
        let list = try allowlist("\u{FEFF}a.example\r\n\tb.example \r\nc.example")
        #expect(list.canonicalText == "a.example\nb.example\nc.example\n")
        #expect(list.rules.map(\.origin.line) == [1, 2, 3])
        // Elsewhere it is an invisible character like any other.
        #expect(
            messages(about: "a.example\n\u{FEFF}b.example") == [
                "domains.conf:2:1: \"\\u{FEFF}b.example\" is not a domain name: "
                    + "\"\\u{FEFF}\" is not allowed in a name"
            ])
    }

    @Test func allErrorsAtOnce() {
        let error = #expect(throws: AllowlistErrors.self) {
            try Allowlist(parsing: [
                .init(name: "a.conf", text: "good.example\n  b@d\n\nübel!.de:80 # no\r\n"),
                .init(name: "operator", text: "x:0"),
            ])
        }
        #expect(
            error?.description == """
                a.conf:2:4: "b@d" is not a domain name: a user is not allowed: write only the host name
                a.conf:4:5: "übel!.de" is not a domain name: "!" is not allowed in a name
                operator:1:3: "0" is not a port: ports are numbers from 1 to 65535, without leading zeros
                """)
    }

    @Test func errorsAreBounded() {
        let error = #expect(throws: AllowlistErrors.self) {
            try allowlist(String(repeating: "!\n", count: 1_500))
        }
        #expect(error?.errors.count == 1_000)
        #expect(error?.omitted == 500)
        #expect(error?.description.hasSuffix("\n… and 500 more") == true)
    }

    @Test func bytesThatAreNotUTF8() throws {
        let text: [UInt8] = Array("# ".utf8) + [0xFF, 0x0A] + Array("a.b\n".utf8)
        let list = try Allowlist(parsing: [.init(name: "x", utf8: text)])
        #expect(list.canonicalText == "a.b\n")
        let error = #expect(throws: AllowlistErrors.self) {
            try Allowlist(parsing: [.init(name: "x", utf8: [0x61, 0xFF, 0x2E, 0x62])])
        }
        #expect(
            error?.description
                == "x:1:1: \"a\u{FFFD}.b\" is not a domain name: it is not valid UTF-8")
    }

    @Test func repeatedLinesAreDropped() throws {
        let list = try Allowlist(parsing: [
            .init(
                name: "a", text: "x.example\n10.0.0.1\nx.example:443/tcp\n*.x.example\n10.0.0.1:443"
            ),
            .init(name: "b", text: "X.EXAMPLE\nx.example:80\nlast.example"),
        ])
        #expect(
            list.rules.map { "\($0.origin) \($0)" } == [
                "a:1 x.example", "a:2 10.0.0.1", "a:4 *.x.example", "b:2 x.example:80",
                "b:3 last.example",
            ])
        #expect(try allowlist(list.canonicalText).canonicalText == list.canonicalText)
    }

    @Test func rulesAboutOneNameAreBounded() throws {
        func text(_ count: Int) -> String { (1...count).map { "a.b:\($0 + 100)\n" }.joined() }
        #expect(try allowlist(text(64)).rules.count == 64)
        #expect(
            messages(about: text(65)) == [
                "domains.conf:65:1: \"a.b:165\" cannot be a rule: there are 64 rules about this "
                    + "name already: put its ports in one list"
            ])
        // A repeated line is no rule, so it is no error either.
        #expect(try allowlist(text(64) + "a.b:101").rules.count == 64)
    }

    @Test func numbersFromElsewhereAreChecked() throws {
        let list = try allowlist("a.example:80\n*.b.example")
        #expect(list.rule(at: 1)?.description == "*.b.example")
        #expect(list.service(of: 0)?.description == "80")
        #expect(list.isWildcard(1) && !list.isWildcard(0))
        for index: RuleIndex in [2, .max] {
            #expect(list.rule(at: index) == nil)
            #expect(list.service(of: index) == nil)
            #expect(!list.isWildcard(index))
        }
    }

    @Test func openingLineOpens() throws {
        let name = try DomainName(parsing: "Bücher.example")
        let line = Allowlist().openingLine(for: name)
        #expect(line == "xn--bcher-kva.example")
        #expect(try allowlist(line).matches(name).count == 1)
        let service = try #require(try allowlist("x:443/udp").service(of: 0))
        #expect(Allowlist().openingLine(for: name, service: service) == line + ":443/udp")
    }
}

import Testing

@testable import Policy

/// `private` behind a rule about one name.
@Suite struct PrivateRuleTests {
    private static func list(_ text: String) throws -> Allowlist {
        try Allowlist(parsing: [.init(name: "list", text: text)])
    }

    @Test(arguments: [
        ("main-app:50051 private", "main-app:50051 private"),
        ("Main-App \t private  # the application", "main-app private"),
        ("a.example.com:443,80/tcp\tprivate\r", "a.example.com:80,443 private"),
        // Alone it is a name as any other.
        ("private", "private"), ("private:50051", "private:50051"),
        ("private private", "private private"),
    ])
    func isReadAndWritten(line: String, canonical: String) throws {
        let list = try Self.list(line)
        #expect(list.canonicalText == canonical + "\n")
        #expect(try Self.list(list.canonicalText).canonicalText == list.canonicalText)
        #expect(list.opensPrivate(0) == canonical.hasSuffix(" private"))
    }

    @Test(arguments: [
        ("*.example.com private", "for one name"), (".example.com:443 private", "for one name"),
        ("10.1.2.3:443 private", "leave out"), ("[fd00::1]:443 private", "leave out"),
        ("!example.com private", "a space is not allowed"),
        ("example.com public", "a space is not allowed"),
        ("example.com privately", "a space is not allowed"),
        ("example.com private private", "a space is not allowed"),
    ])
    func isRefusedElsewhere(line: String, reason: String) throws {
        do {
            _ = try Self.list(line)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".contains(reason))
        }
    }

    @Test func isAnotherRuleThanWithout() throws {
        let list = try Self.list("peer:443\npeer:443 private\npeer:443 private")
        #expect(list.rules.map(\.description) == ["peer", "peer private"])
        #expect(list.matches(try DomainName(parsing: "peer")).count == 2)
        #expect(
            [list.opensPrivate(0), list.opensPrivate(1), list.opensPrivate(2)] == [
                false, true, false,
            ])
    }

    @Test(arguments: [
        ("10.0.0.1", true), ("172.31.255.255", true), ("192.168.1.1", true), ("fd12::1", true),
        ("8.8.8.8", false), ("127.0.0.1", false), ("169.254.0.1", false),
        ("169.254.169.254", false),
        ("fd00:ec2::254", false), ("fe80::1", false), ("100.64.0.1", false), ("172.32.0.1", false),
    ])
    func privateIsANetworksOwn(text: String, isPrivate: Bool) throws {
        #expect(try Address(parsing: text).isPrivate == isPrivate)
    }
}

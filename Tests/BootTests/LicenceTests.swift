import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Boot
@testable import Profile

@Suite struct LicenceTests {
    private static let licence = AgentProfile.Licence(
        key: "KEY", server: "SERVER", defaultServer: "https://licence.test", heartbeat: "HEARTBEAT",
        exitCode: 77, product: "p")

    private static func key(_ environment: [String: String], file: String? = nil)
        throws(BootFailure)
        -> LicenceKey
    {
        try LicenceKey(licence, in: environment) { path throws(SystemCallError) in
            guard let file, path == "/run/secrets/KEY" else {
                throw SystemCallError("open", path.string, .noSuchFileOrDirectory)
            }
            return Array(file.utf8)
        }
    }

    @Test func aKeyComesAsASecretDoes() throws {
        #expect(try Self.key(["KEY": "ABCD-1234"]).value == "ABCD-1234")
        let key = try Self.key([:], file: "ABCD.1234/+=~:_\n")
        #expect(key.value == "ABCD.1234/+=~:_" && key.files == ["/run/secrets/KEY"])
    }

    @Test(arguments: [
        (nil, "is not set"), ("", "is not set"), ("ABCD 1234", "contains whitespace"),
        ("ABCD-12", "is malformed"), ("ABCD\"1234", "is malformed"), ("ABCD{}1234", "is malformed"),
        ("ABCDé1234", "outside ASCII"), (String(repeating: "A", count: 257), "is malformed"),
    ])
    func whatIsNoKeyEndsBootWithTheProfilesCode(value: String?, part: String) {
        do throws(BootFailure) {
            _ = try Self.key(value.map { ["KEY": $0] } ?? [:])
            Issue.record("taken")
        } catch {
            #expect(error.code == 77)
            let said = error.messages.joined()
            #expect(
                said.hasPrefix("licence: ") && said.contains(part), "\(said)")
            if let value, value.count > 2 { #expect(!said.contains(value)) }
        }
    }

    @Test(arguments: [
        ("https://licence.test", "licence.test:443", "licence.test", "https://licence.test"),
        (
            "https://licence.test:8443/", "licence.test:8443", "licence.test",
            "https://licence.test:8443"
        ),
        (
            "https://licence.test/a/b", "licence.test:443", "licence.test",
            "https://licence.test/a/b"
        ),
        ("https://10.1.2.3:8443", nil, "10.1.2.3", "https://10.1.2.3:8443"),
        ("https://[2001:db8::1]", nil, "2001:db8::1", "https://[2001:db8::1]"),
    ])
    func aServerIsItsRuleOrItsAddress(text: String, rule: String?, host: String, base: String)
        throws
    {
        let server = try LicenceServer(parsing: text)
        #expect(server.rule == rule && server.hostText == host && server.base == base)
    }

    @Test(arguments: [
        ("http://licence.test", "must start with https://"), ("", "must start with https://"),
        ("https://", "needs the name"), ("https://u:p@licence.test", "carries credentials"),
        ("https://licence.test:0", "has a port that is none"),
        ("https://licence.test:53", "has a port that is none"),
        ("https://licence.test:65536", "has a port that is none"),
        ("https://licence.test:", "has a port that is none"),
        ("https://licence.test?a", "needs the name"),
        ("https://licence.test/?a", "may have a path"),
        ("https://licence.test/../a", "may have a path"),
        ("https://licence test", "needs the name"),
        ("https://[2001:db8::1", "without its closing bracket"),
        ("https://[2001:db8::1]8443", "between the address and its port"),
        ("https://[licence]", "between the address"),
    ])
    func whatIsNoServerSaysWhy(text: String, part: String) {
        do throws(LicenceServer.Invalid) {
            _ = try LicenceServer(parsing: text)
            Issue.record("taken")
        } catch {
            #expect(error.reason.contains(part), "\(error.reason)")
        }
    }

    // MARK: Sealed trees

    private static func defect(_ top: FilePath) -> String? {
        do {
            try SealedTree(top: top).check()
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Owners are root's to give, so this needs root; so do the end-to-end tests.
    @Test(.enabled(if: System.userID == 0)) func aTreeIsRootsAndNobodyWritesIt() throws {
        let scratch = try Scratch()
        let top = scratch.path.appending("tree")
        func shell(_ command: String) throws {
            #expect(try run(["sh", "-c", "cd \(scratch.path) && \(command)"]).code == 0)
        }
        try shell("mkdir -p tree/a/b && echo x >tree/a/b/file && ln -s /etc/passwd tree/link")
        try shell("chmod 444 tree/a/b/file && chmod 555 tree tree/a tree/a/b")
        #expect(Self.defect(top) == nil)
        for (change, back, part) in [
            (
                "chmod 644 tree/a/b/file", "chmod 444 tree/a/b/file",
                "file has mode 644: chmod it 444"
            ),
            ("chmod 755 tree/a", "chmod 555 tree/a", "a has mode 755: chmod it 555"),
            ("chown 1000 tree/a/b", "chown 0 tree/a/b", "b is uid 1000's"),
            ("chgrp 1000 tree/a/b/file", "chgrp 0 tree/a/b/file", "gid 1000's"),
            ("mkfifo -m 444 tree/a/p", "rm tree/a/p", "p is neither file"),
        ] {
            try shell(change)
            let said = Self.defect(top) ?? ""
            #expect(said.contains(part), "\(said)")
            try shell(back)
        }
        #expect(Self.defect(top.appending("none"))?.hasSuffix("put it into the image") == true)
        #expect(Self.defect(top.appending("link"))?.hasSuffix("name the tree itself") == true)
        try shell("rm -r tree")
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Boot

@Suite struct BakedCredentialsTests {
    private static let accounts = Account.all(
        inPasswd: """
            root:x:0:0:root:/root:/bin/sh
            www-data:x:33:33::/var/www:/bin/sh
            claude:x:1000:1000::/home/claude:/bin/bash
            """)

    /// What is found where these files are.
    private static func findings(
        _ files: [String: String], isImages: (FilePath) -> Bool = { _ in true }
    ) throws -> [String] {
        let scratch = try Scratch()
        for (path, text) in files {
            var directory = scratch.path
            let parts = path.split(separator: "/").map(String.init)
            for part in parts.dropLast() {
                if try FileStatus(of: directory.appending(part)) == nil {
                    try Directory(directory).makeDirectory(part, ownership: .root(mode: 0o755))
                }
                directory.append(part)
            }
            try Directory(directory).write(
                Array(text.utf8), to: parts[parts.count - 1], ownership: .root(mode: 0o600))
        }
        return BakedCredentials.findings(
            accounts: accounts, below: scratch.path, isImages: isImages
        ).map(\.description)
    }

    @Test(arguments: [
        (
            "/root/.npmrc", "a = b\n//registry/:_authToken=0123456789\n",
            "a secret in /root/.npmrc, line 2"
        ),
        (
            "/home/claude/.ssh/deploy", "-----BEGIN RSA PRIVATE " + "KEY-----\nabc\n",
            "a private key in /home/claude/.ssh/deploy, line 1"
        ),
        (
            "/home/claude/.git-credentials", "https://ada:x@github.com\n",
            "a password in /home/claude/.git-credentials, line 1"
        ),
        (
            "/etc/profile.d/token.sh", "#!/bin/sh\nexport GH_TOKEN=0123456789\n",
            "a secret in /etc/profile.d/token.sh, line 2"
        ),
        (
            "/root/.docker/config.json", "{\"auths\":{\"r\":{\"auth\":\"YWRhOmh1bnRlcjI=\"}}}",
            "a secret in /root/.docker/config.json, line 1"
        ),
        (
            "/root/.m2/settings.xml", "<server>\n<password>hunter2</password>\n",
            "a secret in /root/.m2/settings.xml, line 2"
        ),
        (
            "/root/.my.cnf", "[client]\npassword=hunter2\n",
            "a secret in /root/.my.cnf, line 2"
        ),
        ("/run/secrets/GH_PAT", "x", "a credential in /run/secrets/GH_PAT"),
        ("/root/.vault-token", "s.123", "a credential in /root/.vault-token"),
    ])
    func isFound(path: String, text: String, finding: String) throws {
        #expect(try Self.findings([path: text]) == [finding])
        // The same is nobody's business where it is mounted.
        #expect(try Self.findings([path: text], isImages: { _ in false }) == [])
    }

    @Test func whatIsHarmlessIsNot() throws {
        #expect(
            try Self.findings([
                "/root/.npmrc": "//npm.pkg.github.com/:_authToken=${CODETAINER_NPM_TOKEN}\n",
                "/root/.bashrc": "# TOKEN=0123456789\nexport PS1='$ '\n",
                "/home/claude/.ssh/id_ed25519.pub": "ssh-ed25519 AAAA ada@example\n",
                "/home/claude/.ssh/known_hosts": "github.com ssh-ed25519 AAAA\n",
                "/root/.vault-token": "", "/etc/environment": "PATH=/usr/bin\n",
                // A home of nobody's that logs in.
                "/var/www/.netrc": "machine a login b password c\n",
            ]) == [])
        #expect(try Self.findings([:]) == [])
    }

    /// Long files and directories end the look, not the boot.
    @Test func theWorkIsBounded() throws {
        let far = String(repeating: "x\n", count: 64 << 10) + "GH_TOKEN=0123456789\n"
        #expect(try Self.findings(["/root/.bashrc": far]) == [])
        var many: [String: String] = [:]
        for number in 100..<300 { many["/root/.ssh/\(number)"] = "GH_TOKEN=0123456789\n" }
        #expect(try Self.findings(many).count == BakedCredentials.mostNames)
    }

    /// A link is looked through; one in a circle is none.
    @Test func linksAreFollowed() throws {
        let scratch = try Scratch()
        try Scratch.below(scratch, "root")
        try scratch.write("GH_TOKEN=0123456789\n", to: "elsewhere")
        let root = try Directory(scratch.path.appending("root"))
        try root.link(
            ".env", to: scratch.path.appending("elsewhere"), ownership: .root(mode: 0o777))
        try root.link(".npmrc", to: ".npmrc", ownership: .root(mode: 0o777))
        let found = BakedCredentials.findings(
            accounts: [], below: scratch.path, isImages: { _ in true })
        #expect(found.map(\.description) == ["a secret in /root/.env, line 1"])
    }
}

import Linux
import SystemPackage
import Testing

@Suite struct AccountTests {
    static let passwd = """
        root:x:0:0:root:/root:/bin/bash
        claude:x:1000:1001:Claude,,,:/home/claude:/bin/zsh
        noshell:x:5:6::/nonexistent:
        """

    @Test func readsEveryAccount() {
        #expect(
            Account.all(inPasswd: Self.passwd) == [
                Account(name: "root", user: 0, group: 0, home: "/root", shell: "/bin/bash"),
                Account(
                    name: "claude", user: 1000, group: 1001, home: "/home/claude",
                    shell: "/bin/zsh"),
                // passwd(5): an empty shell is /bin/sh.
                Account(name: "noshell", user: 5, group: 6, home: "/nonexistent", shell: "/bin/sh"),
            ])
    }

    @Test(arguments: [
        "", "# comment", "a:x:1:1::/home", "a:x:1:1::/home:/bin/sh:more", ":x:1:1::/home:/bin/sh",
        "a:x:-1:1::/home:/bin/sh", "a:x:1::/home:/bin/sh", "a:x:4294967296:1::/home:/bin/sh",
        "+::::::",
    ])
    func refuses(line: String) {
        #expect(Account.all(inPasswd: line) == [])
    }

    @Test func findsByExactName() throws {
        #expect(try Account.named("root")?.user == 0)
        #expect(try Account.named("roo") == nil)
    }
}

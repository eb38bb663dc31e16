import Testing

@testable import Linux

@Suite struct AccountFilesTests {
    private static let passwd = """
        root:x:0:0:root:/root:/bin/bash
        claude:x:1000:1000:Claude, who works:/home/claude:/bin/bash
        claudette:x:1001:1001::/home/claudette:/bin/sh

        """

    private static func text(_ octets: [UInt8]) -> String {
        String(decoding: octets, as: UTF8.self)
    }

    @Test func oneLineOfPasswdChanges() {
        let new = AccountFiles.renumbered(
            passwd: Array(Self.passwd.utf8), "claude", user: 1234, group: 100)
        #expect(
            Self.text(new)
                == Self.passwd.replacing(
                    "claude:x:1000:1000:Claude", with: "claude:x:1234:100:Claude"))
    }

    @Test(arguments: ["nobody", "claud", "", "root:x"])
    func nobodyElseChanges(name: String) {
        let old = Array(Self.passwd.utf8)
        #expect(AccountFiles.renumbered(passwd: old, name, user: 5, group: 5) == old)
    }

    /// A line that is none stays as it is, and so does what is not UTF-8.
    @Test func whatIsDamagedStays() {
        let old = Array("claude:x:1000\n\u{0}".utf8) + [0xff, 0x0a]
        #expect(AccountFiles.renumbered(passwd: old, "claude", user: 5, group: 5) == old)
        let named = [0xff, 0x0a] + Array("claude:x:1:1::/:/bin/sh".utf8)
        #expect(
            AccountFiles.renumbered(passwd: named, "claude", user: 5, group: 6)
                == [0xff, 0x0a] + Array("claude:x:5:6::/:/bin/sh".utf8))
    }

    @Test(
        arguments: [
            // The agent's own group gets the number.
            ("users:x:100:\nclaude:x:1000:\n", "users:x:100:\nclaude:x:1234:\n"),
            // Somebody's group that has the number already keeps it.
            ("staff:x:1234:a,b\nclaude:x:1000:\n", "staff:x:1234:a,b\nclaude:x:1000:\n"),
            // Where there is no such group, one is made.
            ("users:x:100:\n", "users:x:100:\nclaude:x:1234:\n"),
            ("users:x:100:", "users:x:100:\nclaude:x:1234:\n"), ("", "claude:x:1234:\n"),
        ])
    func theGroupHasAName(old: String, new: String) {
        #expect(Self.text(AccountFiles.renumbered(group: Array(old.utf8), "claude", 1234)) == new)
    }
}

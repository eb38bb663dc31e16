import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Boot

@Suite struct AgentNumbersTests {
    private static let numbers = AgentNumbers(
        accounts: Account.all(
            inPasswd: """
                root:x:0:0:root:/root:/bin/sh
                www-data:x:33:33::/var/www:/usr/sbin/nologin
                codetainer-resolver:x:900:900::/nonexistent:/usr/sbin/nologin
                claude:x:1000:1000::/home/claude:/bin/bash
                nobody:x:65534:65534::/:/bin/sh
                """),
        groups: Array(
            "root:x:0:\ntty:x:5:\ndialout:x:20:\nshadow:x:42:\nusers:x:100:\nclaude:x:1000:\n".utf8),
        reserved: [64053, 64054, 64055, 900])
    private static let claude = Account(
        name: "claude", user: 1000, group: 1000, home: "/home/claude", shell: "/bin/bash")

    /// `UID:GID`, with what `auto` remarks; or why not.
    private static func result(_ user: String?, _ group: String?, owner: FileStatus? = nil)
        -> String
    {
        var remarks: [String] = []
        do throws(AgentNumbers.Invalid) {
            let account = try numbers.renumbered(
                claude, user: user, group: group, owner: owner, remark: { remarks.append($0) })
            #expect(account.name == "claude" && account.home == "/home/claude")
            return (["\(account.user):\(account.group)"] + remarks).joined(separator: " ")
        } catch {
            return error.reason
        }
    }

    @Test(arguments: [
        ("1234", nil, "1234:1234"), ("1234", "5678", "1234:5678"), (nil, "5678", "1000:5678"),
        ("1000", nil, "1000:1000"), ("501", "20", "501:20"), ("1234", "100", "1234:100"),
        // A number that is another's group is no group for the agent: it keeps its own.
        ("42", nil, "42:1000"), ("4294967294", "1000", "4294967294:1000"), (nil, nil, "1000:1000"),
        ("auto", nil, "1000:1000"),
    ])
    func whatIsAskedFor(user: String?, group: String?, numbers: String) {
        #expect(Self.result(user, group) == numbers)
    }

    @Test(arguments: [
        ("0", nil, "CODETAINER_UID 0 is root: give one that nobody else has"),
        ("000", nil, "CODETAINER_UID 0 is root: give one that nobody else has"),
        (
            "900", nil,
            "CODETAINER_UID 900 is codetainer's own: give one that nobody else has"
        ),
        (
            "64055", nil,
            "CODETAINER_UID 64055 is codetainer's own: give one that nobody else has"
        ),
        ("33", nil, "CODETAINER_UID 33 is www-data in the image: give one that nobody else has"),
        (
            "65534", nil,
            "CODETAINER_UID 65534 is nobody in the image: give one that nobody else has"
        ),
        ("4294967295", nil, "CODETAINER_UID \"4294967295\" is not a number: write 1000, or auto"),
        ("-1", nil, "CODETAINER_UID \"-1\" is not a number: write 1000, or auto"),
        ("+5", nil, "CODETAINER_UID \"+5\" is not a number: write 1000, or auto"),
        ("claude", nil, "CODETAINER_UID \"claude\" is not a number: write 1000, or auto"),
        ("1000:1000", nil, "CODETAINER_UID \"1000:1000\" is not a number: write 1000, or auto"),
        ("1234", "0", "CODETAINER_GID 0 is root: give one that opens nothing"),
        (
            "1234", "42",
            "CODETAINER_GID 42 is the group shadow in the image: give one that opens nothing"
        ),
        (
            "1234", "5",
            "CODETAINER_GID 5 is the group tty in the image: give one that opens nothing"
        ),
        ("1234", "auto", "CODETAINER_GID \"auto\" is not a number: write 1000"),
    ])
    func whatIsRefused(user: String?, group: String?, reason: String) {
        #expect(Self.result(user, group) == reason)
    }

    /// The owner of the workspace, where nobody else has the numbers.
    @Test(
        arguments: [
            (1234, 5678, "1234:5678"), (1000, 1000, "1000:1000"), (1234, 0, "1234:1234"),
            (1234, 42, "1234:1234"), (1234, 100, "1234:100"),
            (
                0, 0,
                "1000:1000 CODETAINER_UID=auto: the workspace is uid 0's, which is root: the agent stays uid 1000: give the folder to a person with `chown`"
            ),
            (
                33, 33,
                "1000:1000 CODETAINER_UID=auto: the workspace is uid 33's, which is www-data in the image: the agent stays uid 1000: give the folder to a person with `chown`"
            ),
            (
                64054, 1000,
                "1000:1000 CODETAINER_UID=auto: the workspace is uid 64054's, which is codetainer's own: the agent stays uid 1000: give the folder to a person with `chown`"
            ),
        ] as [(UInt32, UInt32, String)])
    func theWorkspaceDecides(user: UInt32, group: UInt32, numbers: String) throws {
        let scratch = try Scratch()
        try Directory(scratch.path).makeDirectory(
            "app", ownership: Ownership(user: user, group: group, mode: 0o755))
        let owner = try FileStatus(of: scratch.path.appending("app"))
        #expect(owner?.user == user)
        #expect(Self.result("auto", nil, owner: owner) == numbers)
    }
}

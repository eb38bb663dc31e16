import Foundation
import TestSupport
import Testing

/// Sandboxes inside the agent, with Debian's own bubblewrap.
@Suite struct UserNamespaceTests {
    private func confined(_ options: [String], _ command: [String]) throws -> Finished {
        try run(
            [try codetainer(), "confine", "--uid", "1000", "--gid", "1000", "--directory", "/"]
                + options + ["--"] + command)
    }

    /// Every namespace that it has, a root file system and a name of its own.
    private let sandbox = [
        "bwrap", "--unshare-all", "--hostname", "box", "--ro-bind", "/", "/", "--proc", "/proc",
        "--dev", "/dev", "--tmpfs", "/tmp", "sh", "-c", "hostname && echo x >/tmp/x && id -u",
    ]

    @Test func bubblewrapRunsWhereNamespacesAreAllowed() throws {
        let scope = ["--landlock", "scope"]
        let inside = try confined(scope + ["--seccomp", "agent-userns"], sandbox)
        #expect(inside.lines == ["box", "1000"], "\(inside.errors)")
        let refused = try confined(scope + ["--seccomp", "agent"], sandbox)
        #expect(refused.code == 1 && refused.errors.contains("No permissions to create"))
    }

    /// Why a cage that allows namespaces does not hold files (landlock(7), "Current limitations").
    @Test func landlockOfFilesForbidsEveryMount() throws {
        let files = ["--landlock", "write=/tmp", "--landlock", "use=/proc"]
        let refused = try confined(files + ["--seccomp", "agent-userns"], sandbox)
        #expect(refused.code == 1 && refused.errors.contains("Operation not permitted"))
    }

    /// The filter goes into the sandbox too, and what needs root there does not come out of it.
    @Test func theRestStaysRefused() throws {
        // setns, fsopen, a time namespace, ptrace's neighbours, keyrings, packet sockets.
        let calls = [
            SystemCall("setns", 0xffff_ffff, 0), SystemCall("fsopen", 1, 0),
            SystemCall("unshare", 0x80), SystemCall("process_vm_readv", 1, 0, 0, 0, 0, 1),
            SystemCall("keyctl", 9999, 0, 0, 0, 0), SystemCall("socket", 17, 3, 0),
            SystemCall("socket", 16, 3, 12), SystemCall("bpf", 0, 1, 1),
        ]
        let cage = [
            try codetainer(), "confine", "--uid", "1000", "--gid", "1000", "--directory", "/",
            "--seccomp", "agent-userns", "--", "unshare", "--user", "--map-root-user", "--net",
        ]
        let inside = try SystemCall.make(calls, in: cage)
        for (index, call) in calls.enumerated() {
            #expect(inside[index] == .notPermitted, "\(call)")
        }
    }
}

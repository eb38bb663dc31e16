import Foundation
import Linux
import Testing

@Suite struct ProcessStatusTests {
    /// As proc_pid_status(5) shows a process in the agent's cage.
    static let caged = """
        Name:\tclaude
        Umask:\t0022
        State:\tS (sleeping)
        PPid:\t17
        Uid:\t1000\t1000\t1000\t1000
        Gid:\t1001\t1001\t1001\t1001
        Groups:\t1001
        NSsid:\t12\t3
        SigIgn:\t0000000000004001
        CapInh:\t0000000000000000
        CapPrm:\t0000000000000000
        CapEff:\t0000000000000000
        CapBnd:\t0000000000000000
        CapAmb:\t0000000000000000
        NoNewPrivs:\t1
        Seccomp:\t2
        Seccomp_filters:\t3
        """

    @Test func readsACagedProcess() throws {
        let status = try #require(ProcessStatus(parsing: Self.caged))
        #expect(status.name == "claude")
        #expect(status.parent == 17)
        #expect(status.session == 12)
        #expect(status.users == [1000, 1000, 1000, 1000])
        #expect(status.groups == [1001, 1001, 1001, 1001])
        #expect(status.effective.isEmpty && status.permitted.isEmpty)
        #expect(status.bounding.isEmpty && status.ambient.isEmpty)
        #expect(status.noNewPrivileges)
        #expect(status.filters == 3)
        #expect(status.ignores(.hangUp) && status.ignores(.terminate))
        #expect(!status.ignores(.interrupt))
    }

    /// What a signal stopped is not what a debugger did.
    @Test(arguments: [
        ("S (sleeping)", false), ("T (stopped)", true), ("t (tracing stop)", false),
        ("Z (zombie)", false),
    ])
    func readsWhetherItIsStopped(state: String, isStopped: Bool) throws {
        let text = Self.caged.replacingOccurrences(of: "S (sleeping)", with: state)
        #expect(try #require(ProcessStatus(parsing: text)).isStopped == isStopped)
    }

    /// SIGTERM, or SIGTSTP too.
    @Test(arguments: [("4000", false), ("84000", true), ("80000", false), ("284004", true)])
    func knowsAnInteractiveShell(ignored: String, isShell: Bool) throws {
        let text = Self.caged.replacingOccurrences(of: "0000000000004001", with: ignored)
        #expect(try #require(ProcessStatus(parsing: text)).isInteractiveShell == isShell)
    }

    @Test func readsCapabilitiesBitByBit() throws {
        let text = Self.caged
            .replacingOccurrences(
                of: "CapBnd:\t0000000000000000", with: "CapBnd:\t0000000000001020"
            )
            .replacingOccurrences(of: "NoNewPrivs:\t1", with: "NoNewPrivs:\t0")
        let status = try #require(ProcessStatus(parsing: text))
        #expect(status.bounding == [.kill, .networkAdministration])
        #expect(status.bounding.description == "CAP_KILL CAP_NET_ADMIN")
        #expect(!status.noNewPrivileges)
    }

    @Test func kernelsBeforeFilterCountsSayTheModeOnly() throws {
        let text = Self.caged.replacingOccurrences(of: "\nSeccomp_filters:\t3", with: "")
        #expect(try #require(ProcessStatus(parsing: text)).filters == 1)
        let unfiltered = text.replacingOccurrences(of: "Seccomp:\t2", with: "Seccomp:\t0")
        #expect(try #require(ProcessStatus(parsing: unfiltered)).filters == 0)
    }

    @Test(arguments: ["Name:", "Uid:", "Gid:", "CapEff:", "CapPrm:", "CapBnd:"])
    func refusesATextWithout(field: String) {
        let lines = Self.caged.split(separator: "\n").filter { !$0.hasPrefix(field) }
        #expect(ProcessStatus(parsing: lines.joined(separator: "\n")) == nil)
    }

    @Test func readsItselfAndNobodyElse() throws {
        let own = try #require(ProcessStatus.of(System.processID))
        #expect(own.users == [UInt32](repeating: System.userID, count: 4))
        #expect(own.permitted == (try Privileges.capabilities().permitted))
        #expect(own.bounding == Privileges.boundingSet())
        // Above the highest number that pid_max may have (proc_sys_kernel(5)).
        #expect(ProcessStatus.of(1 << 22 + 1) == nil)
    }
}

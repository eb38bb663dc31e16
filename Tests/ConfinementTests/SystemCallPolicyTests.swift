import CSeccomp
import Testing

@testable import Confinement

@Suite struct SystemCallPolicyTests {
    typealias Call = Confinement.SystemCall

    /// Calls that only some architecture has: rules for them are left out elsewhere, and must be
    /// meant to be.
    #if arch(x86_64)
        static let foreign: Set<Call> = ["umount"]
    #else
        static let foreign: Set<Call> = [
            "umount", "iopl", "ioperm", "modify_ldt", "uselib", "_sysctl", "sysfs", "ustat",
            "arch_prctl",
        ]
    #endif

    /// By name, so that a failure shows no list of a hundred rules.
    static let names = ["agent", "agent-userns", "service", "lease", "resolver", "metrics"]

    private func policy(_ name: String) throws -> SystemCallPolicy {
        switch name {
        case "resolver": .resolver
        case "metrics": .metricsServer
        default: try #require(SystemCallFilter(rawValue: name)?.policy)
        }
    }

    @Test(arguments: names)
    func everyCallIsKnown(name: String) throws {
        let policy = try policy(name)
        for call in policy.rules.flatMap(\.calls) {
            // __NR_SCMP_ERROR: libseccomp knows the name on no architecture. It is misspelled.
            #expect(call.number != -1, "\(call)")
            #expect((call.number < 0) == Self.foreign.contains(call), "\(call)")
        }
    }

    @Test(arguments: names)
    func nothingIsSaidTwice(name: String) throws {
        let policy = try policy(name)
        var seen: Set<String> = []
        for rule in policy.rules {
            for call in rule.calls {
                for condition in rule.when {
                    #expect(seen.insert("\(call) \(condition)").inserted, "\(call)")
                }
            }
        }
    }

    /// A call that is decided whole and in part: the part says nothing.
    @Test(arguments: names)
    func noConditionIsLost(name: String) throws {
        let policy = try policy(name)
        let whole = policy.rules.filter(\.isUnconditional).flatMap(\.calls)
        let inPart = policy.rules.filter { !$0.isUnconditional }.flatMap(\.calls)
        #expect(Set(whole).isDisjoint(with: inPart))
        #expect(Set(whole).count == whole.count)
    }

    @Test(arguments: names)
    func everyRuleHasAReasonAndSaysSomething(name: String) throws {
        let policy = try policy(name)
        for rule in policy.rules {
            #expect(rule.reason.count > 5 && !rule.calls.isEmpty && !rule.when.isEmpty)
            #expect(rule.verdict != policy.otherwise)
        }
    }

    /// AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 (linux/audit.h), which are libseccomp's numbers too.
    private static let (x86, arm): (UInt32, UInt32) = (0xc000_003e, 0xc000_00b7)

    /// What an architecture has by another number, or not at all, libseccomp finds: the same data
    /// is a filter for both.
    @Test(arguments: names)
    func isAFilterOnEveryArchitecture(name: String) throws {
        let policy = try policy(name)
        let native = try policy.program()
        for architecture in [Self.x86, Self.arm] as [UInt32] {
            let program = try policy.program(for: architecture)
            #expect(program.count % 8 == 0 && program.count > 20 * 8)
            #expect(architecture == seccomp_arch_native() || program != native)
            // BPF_LD of the architecture, then BPF_JEQ with its number (linux/filter.h).
            let number = program[12..<16].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            #expect(number == architecture)
        }
    }

    @Test func lists() {
        #expect(SystemCallFilter.none.policy == nil)
        #expect(SystemCallPolicy.agent.otherwise == .allow)
        #expect(SystemCallPolicy.service.otherwise == .kill)
        #expect(SystemCallPolicy.resolver.otherwise == .kill)
        let resolver = Set(SystemCallPolicy.resolver.rules.flatMap(\.calls))
        let service = Set(SystemCallPolicy.service.rules.flatMap(\.calls))
        #expect(resolver.isStrictSubset(of: service))
        // What is on top of a filter cannot open what that closes.
        let metrics = Set(SystemCallPolicy.metricsServer.rules.flatMap(\.calls))
        #expect(metrics.isStrictSubset(of: resolver))
        #expect(metrics.isDisjoint(with: ["socket", "connect", "read", "getrandom", "recvmmsg"]))
        #expect(metrics.count == 17 && SystemCallPolicy.metricsServer.otherwise == .kill)
        for call: Call in ["execve", "openat", "clone", "kill", "mprotect", "prctl", "seccomp"] {
            #expect(!resolver.contains(call), "\(call)")
        }
    }

    /// Namespaces are what the wider filter opens, and nothing else.
    @Test func userNamespacesOpenWhatSandboxesNeed() {
        func decided(_ policy: SystemCallPolicy) -> Set<String> {
            Set(
                policy.rules.flatMap { rule in
                    rule.calls.flatMap { call in rule.when.map { "\(call) \($0)" } }
                })
        }
        let opened = decided(.agent).subtracting(decided(.agentWithUserNamespaces))
        #expect(decided(.agentWithUserNamespaces).isSubset(of: decided(.agent)))
        #expect(
            Set(opened.map { $0.prefix { $0 != " " } }) == [
                "mount", "umount", "umount2", "pivot_root", "chroot", "unshare", "clone",
                "sethostname", "setdomainname",
            ])
    }

    /// A program that is told ENOSYS falls back; one that is told EPERM often gives up.
    @Test func onlyProbedCallsAreAnsweredENOSYS() {
        let probed = SystemCallPolicy.agent.rules.filter { $0.verdict == .notImplemented }
        #expect(
            Set(probed.flatMap(\.calls)) == [
                "clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "modify_ldt",
                "uselib", "_sysctl", "sysfs", "ustat", "lookup_dcookie", "nfsservctl",
                "remap_file_pages",
            ])
    }
}

import CSeccomp
import Testing

@testable import Confinement

@Suite struct SystemCallPolicyTests {
    /// Calls of other architectures: rules for them are left out here, and must be meant to be.
    #if arch(x86_64)
        static let foreign: Set<String> = ["umount"]
    #else
        static let foreign: Set<String> = ["umount", "fork", "vfork", "iopl", "ioperm"]
    #endif

    static let filters = [SystemCallFilter.agent, .service]

    @Test(arguments: filters)
    func everyCallIsKnown(filter: SystemCallFilter) {
        for call in filter.refusals.flatMap(\.calls) {
            let number = unsafe seccomp_syscall_resolve_name(call)
            // __NR_SCMP_ERROR: libseccomp knows the name on no architecture. It is misspelled.
            #expect(number != -1, "\(call)")
            #expect((number < 0) == Self.foreign.contains(call), "\(call)")
        }
    }

    @Test(arguments: filters)
    func nothingIsSaidTwice(filter: SystemCallFilter) {
        var seen: Set<String> = []
        for refusal in filter.refusals {
            for call in refusal.calls {
                for condition in refusal.when {
                    #expect(seen.insert("\(call) \(condition)").inserted, "\(call)")
                }
            }
        }
    }

    /// A call that is refused whole and in part: the part says nothing.
    @Test func noConditionIsLostInTheAgentsList() {
        let whole = Refusal.agent.filter { $0.isUnconditional }.flatMap(\.calls)
        let inPart = Refusal.agent.filter { !$0.isUnconditional }.flatMap(\.calls)
        #expect(Set(whole).isDisjoint(with: inPart))
        #expect(Set(whole).count == whole.count)
    }

    @Test(arguments: filters)
    func everyRefusalHasAReason(filter: SystemCallFilter) {
        for refusal in filter.refusals {
            #expect(refusal.reason.count > 10 && !refusal.calls.isEmpty && !refusal.when.isEmpty)
        }
    }

    @Test func theServiceIsRefusedAllThatTheAgentIs() {
        let agent = Refusal.agent.flatMap(\.calls)
        let service = Refusal.service.flatMap(\.calls)
        #expect(Set(agent).isSubset(of: service))
        #expect(Set(service).isStrictSuperset(of: agent))
        #expect(SystemCallFilter.none.refusals.isEmpty)
    }

    /// A program that is told ENOSYS falls back; one that is told EPERM often gives up.
    @Test func onlyProbedCallsAreAnsweredENOSYS() {
        let probed = Refusal.service.filter { $0.answer == .notImplemented }.flatMap(\.calls)
        #expect(
            Set(probed) == ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"])
    }
}

extension Refusal {
    fileprivate var isUnconditional: Bool {
        when.contains { if case .always = $0 { true } else { false } }
    }
}

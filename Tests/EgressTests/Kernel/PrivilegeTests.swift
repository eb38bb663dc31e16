import CLinux
import Glibc
import Linux
import SystemPackage
import Testing

@testable import Egress

struct PrivilegeTests {
    /// capset(2) is the calling thread's alone. The effective set is emptied, then restored.
    @Test func withoutCapabilityTheErrorSaysSo() throws {
        try inNetworkNamespace {
            var socket = try NetfilterSocket()
            var effective: UInt64 = 0
            var permitted: UInt64 = 0
            var inheritable: UInt64 = 0
            #expect(unsafe codetainer_capget(&effective, &permitted, &inheritable) == 0)
            #expect(codetainer_capset(0, permitted, inheritable) == 0)
            defer { precondition(codetainer_capset(effective, permitted, inheritable) == 0) }
            do throws(NetlinkError) {
                var unprivileged = try NetfilterSocket()
                try unprivileged.replace(with: EgressPlan.example.ruleset)
                Issue.record("changed without a capability")
            } catch {
                #expect(error.kind == .notPermitted)
                #expect(
                    "\(error)" == "cannot look for table codetainer: Operation not permitted")
            }
            // The kernel looks at the opener's capability and the caller's, both.
            do throws(NetlinkError) {
                try socket.replace(with: EgressPlan.example.ruleset)
                Issue.record("changed without a capability")
            } catch {
                #expect(error.kind == .notPermitted)
            }
            precondition(codetainer_capset(effective, permitted, inheritable) == 0)
            try socket.replace(with: EgressPlan.example.ruleset)
        }
    }
}

import Linux
import Testing

@Suite struct CapabilitiesTests {
    /// Numbers of <linux/capability.h>.
    @Test(arguments: [
        (Capabilities.changeOwner, 0, "CAP_CHOWN"), (.overridePermissions, 1, "CAP_DAC_OVERRIDE"),
        (.fileOwner, 3, "CAP_FOWNER"), (.kill, 5, "CAP_KILL"), (.setGroup, 6, "CAP_SETGID"),
        (.setUser, 7, "CAP_SETUID"), (.setPCap, 8, "CAP_SETPCAP"),
        (.bindPrivilegedPort, 10, "CAP_NET_BIND_SERVICE"),
        (.networkAdministration, 12, "CAP_NET_ADMIN"), (.traceProcesses, 19, "CAP_SYS_PTRACE"),
        (.systemAdministration, 21, "CAP_SYS_ADMIN"),
        (Capabilities(rawValue: 1 << 40), 40, "CAP_CHECKPOINT_RESTORE"),
        (Capabilities(rawValue: 1 << 41), 41, "capability 41"),
    ])
    func haveTheKernelsNumbersAndNames(capability: Capabilities, number: Int, name: String) {
        #expect(capability.rawValue == 1 << UInt64(number))
        #expect(capability.description == name)
    }

    @Test(arguments: [
        (ResourceLimit.core, 4, "core"), (.processes, 6, "nproc"), (.openFiles, 7, "nofile"),
        (.lockedMemory, 8, "memlock"), (.messageQueues, 12, "msgqueue"),
    ])
    func limitsHaveTheKernelsNumbers(limit: ResourceLimit, number: CInt, name: String) {
        #expect(limit.rawValue == number && limit.name == name)
    }
}

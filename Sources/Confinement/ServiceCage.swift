import Linux

/// The second half of a service's cage, which it enters itself once it has all it needs: before,
/// it had to be executed; after, it can open, start and signal nothing.
public enum ServiceCage {
    /// The resolver: its open descriptors, sockets to `upstreamPorts`, and nothing else.
    ///
    /// Landlock says again what the filter says, and what a filter cannot see: which port.
    public static func enterResolver(upstreamPorts: [UInt16]) throws(ConfinementError) {
        try putOn(.noNewPrivileges) { () throws(SystemCallError) in
            try Privileges.forbidNewPrivileges()
        }
        try putOn(.landlock) { () throws(SystemCallError) in
            let reach = Reach.nothing(butPorts: upstreamPorts)
            try LandlockPlan(reach, version: LandlockSupport.current.number).enforce()
        }
        try putOn(.seccomp) { () throws(SystemCallError) in
            try SystemCallPolicy.resolver.load()
        }
    }

    /// A relay of output: its open descriptors, to read and to write.
    public static func enterRelay() throws(ConfinementError) { try enter(.relay) }

    /// The metrics server: its open sockets, and the connections that come in.
    public static func enterMetricsServer() throws(ConfinementError) { try enter(.metricsServer) }

    /// No file, no connection, no signal, and the calls of `policy`.
    private static func enter(_ policy: SystemCallPolicy) throws(ConfinementError) {
        try putOn(.noNewPrivileges) { () throws(SystemCallError) in
            try Privileges.forbidNewPrivileges()
        }
        try putOn(.landlock) { () throws(SystemCallError) in
            let reach = Reach.nothing(butPorts: [])
            try LandlockPlan(reach, version: LandlockSupport.current.number).enforce()
        }
        try putOn(.seccomp) { () throws(SystemCallError) in try policy.load() }
    }

    private static func putOn(_ layer: Layer, _ body: () throws(SystemCallError) -> Void)
        throws(ConfinementError)
    {
        do throws(SystemCallError) {
            try body()
        } catch {
            throw ConfinementError(layer: layer, reason: error.description)
        }
    }
}

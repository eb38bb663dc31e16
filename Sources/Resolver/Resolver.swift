import DNSWire
import Linux
import Policy

/// The DNS service: it answers for allowed names, after their addresses have been opened, and
/// denies everything else without asking anyone.
public enum Resolver {
    /// Serves until SIGTERM, or until PID 1 closes the grant channel; either way nothing that was
    /// not granted is open.
    ///
    /// - Parameter confine: called once everything is opened, before anything is received.
    /// - Throws: `AllowlistErrors` for a policy that cannot be read, `SystemCallError` for
    ///   descriptors that are not what they should be.
    public static func run(
        _ configuration: ResolverConfiguration, confine: () throws -> Void
    ) throws {
        let signals = try SignalDescriptor(blocking: [.terminate, .interrupt])
        var service = try Service.start(configuration, termination: signals.descriptor.raw)
        try confine()
        try service.run()
    }
}

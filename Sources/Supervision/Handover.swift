import Control

/// The state of PID 1, as it passes from one program image to the next.
///
/// Boot ends by executing `codetainer supervise` with this in a sealed memory file and with the
/// descriptors it names left open; children notice nothing. Resuming from it is the normal path,
/// not an exception.
public struct Handover: Sendable {
    /// Raised whenever the form changes; a program takes its own format only.
    static let format: UInt32 = 1

    /// A credential with its secret in the clear: this is written to a sealed memory file that
    /// only PID 1 holds, and which is closed as soon as it was read.
    public struct CredentialState: Sendable {
        public var host: String
        public var username: String
        public var secret: [UInt8]

        public init(host: String, username: String, secret: [UInt8]) {
            (self.host, self.username, self.secret) = (host, username, secret)
        }
    }

    public var facts: SupervisorFacts
    public var resolver: ResolverSpecification
    public var resolverLifecycle: UInt32
    /// PID 1's end of the grant channel to the running resolver.
    public var grants: CInt
    public var controlListener: CInt
    /// The connection of the agent's runner, while there is one.
    public var runnerConnection: CInt?
    public var endsWithAgent: Bool
    public var logsJSON: Bool
    public var credentials: [CredentialState]
    public var policy: LivePolicy
    /// The allowlist files, and rules beside them, that a reload reads.
    public var sources: PolicySources

    /// Every descriptor that must stay open across the exec.
    public var descriptors: [CInt] {
        resolver.descriptors + [grants, controlListener] + (runnerConnection.map { [$0] } ?? [])
    }
}

extension Handover: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(Self.format)
        facts.write(to: &writer)
        resolver.write(to: &writer)
        writer.write(resolverLifecycle)
        writer.write(grants)
        writer.write(controlListener)
        writer.write(runnerConnection) { $0.write($1) }
        writer.write(endsWithAgent)
        writer.write(logsJSON)
        writer.write(credentials) { writer, credential in
            writer.write(credential.host)
            writer.write(credential.username)
            writer.write(credential.secret)
        }
        policy.write(to: &writer)
        sources.write(to: &writer)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        let format = try reader.integer(UInt32.self)
        guard format == Self.format else { throw .otherFormat(format) }
        facts = try SupervisorFacts(from: &reader)
        resolver = try ResolverSpecification(from: &reader)
        resolverLifecycle = try reader.integer()
        grants = try reader.integer()
        controlListener = try reader.integer()
        runnerConnection = try reader.optional { reader throws(RecordError) in
            try reader.integer()
        }
        endsWithAgent = try reader.bool()
        logsJSON = try reader.bool()
        credentials = try reader.list { reader throws(RecordError) in
            CredentialState(
                host: try reader.text(), username: try reader.text(), secret: try reader.octets())
        }
        policy = try LivePolicy(from: &reader)
        sources = try PolicySources(from: &reader)
        try reader.end()
    }
}

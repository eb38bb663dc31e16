public import Linux
public import Policy

/// The lease of a licensed image, as PID 1 knows it: all that decides what becomes of it.
public struct LeaseFacts: Equatable, Sendable {
    public enum State: UInt8, Sendable {
        /// Boot has not come to it.
        case unasked
        /// The server has not answered yet: boot waits.
        case asked
        case held
        /// The server was lost; the session goes on until the grace is over.
        case lost
        /// There is none any more, and the container ends.
        case over
    }

    /// The server's host, for people and for the packet filter.
    public var host = ""
    public var port: UInt16 = 443
    /// Whether `host` is an address, and no name.
    public var isAddress = false
    /// The uid of the service that asks.
    public var user: UInt32 = 0
    /// The variables in which the key and the server's address came, for people.
    public var keyName = ""
    public var serverName = ""
    /// Seconds between two questions, at most.
    public var heartbeat: UInt32 = 300
    /// Seconds that a lost server is tolerated.
    public var grace: UInt32 = 3600
    /// What the container ends with where the licence is the reason.
    public var exitCode: Int32 = 78

    public var state = State.unasked
    /// What was granted last; nil before anything was.
    public var terms: LeaseTerms?
    /// Why the server does not answer; nil while it does.
    public var fault: LeaseFault?
    // A licence ends and a grace is over whether or not the machine was suspended meanwhile.
    /// The last grant,
    public var renewed = BootInstant(nanoseconds: 0)
    /// by when the service must have been heard again,
    public var silentAt = BootInstant(nanoseconds: 0)
    /// since when the server is lost,
    public var lostSince = BootInstant(nanoseconds: 0)
    /// and when the licence itself ends; nil where it does not say.
    public var expires: BootInstant?

    public init() {}

    /// Where the server is, for people.
    public var server: String {
        let shown = isAddress && host.contains(":") ? "[\(host)]" : host
        return port == 443 ? shown : "\(shown):\(port)"
    }

    /// When the grace is over.
    public var graceEnd: BootInstant { lostSince + .seconds(Int(grace)) }
}

extension LeaseFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(host)
        writer.write(port)
        writer.write(isAddress)
        writer.write(user)
        writer.write(keyName)
        writer.write(serverName)
        writer.write(heartbeat)
        writer.write(grace)
        writer.write(exitCode)
        writer.write(state.rawValue)
        writer.write(terms) { writer, terms in
            writer.write(terms.tier.rawValue)
            writer.write(terms.sessionsUsed)
            for number in [terms.sessionLimit, terms.requestLimit, terms.secondsLeft] {
                writer.write(number) { $0.write($1) }
            }
        }
        writer.write(fault?.rawValue ?? 0)
        for moment in [renewed, silentAt, lostSince] { writer.write(moment.nanoseconds) }
        writer.write(expires) { $0.write($1.nanoseconds) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        host = try reader.text()
        port = try reader.integer()
        isAddress = try reader.bool()
        user = try reader.integer()
        keyName = try reader.text()
        serverName = try reader.text()
        heartbeat = try reader.integer()
        grace = try reader.integer()
        exitCode = try reader.integer()
        let state = try reader.integer(UInt8.self)
        guard let state = State(rawValue: state) else { throw .unknownCase(state) }
        self.state = state
        terms = try reader.optional { reader throws(RecordError) in try Self.terms(&reader) }
        let fault = try reader.integer(UInt8.self)
        self.fault = LeaseFault(rawValue: fault)
        if self.fault == nil, fault != 0 { throw .unknownCase(fault) }
        renewed = try Self.moment(&reader)
        silentAt = try Self.moment(&reader)
        lostSince = try Self.moment(&reader)
        expires = try reader.optional { reader throws(RecordError) in try Self.moment(&reader) }
    }

    private static func moment(_ reader: inout RecordReader) throws(RecordError) -> BootInstant {
        BootInstant(nanoseconds: try reader.integer())
    }

    private static func terms(_ reader: inout RecordReader) throws(RecordError) -> LeaseTerms {
        let tier = try reader.integer(UInt8.self)
        guard let tier = LeaseTier(rawValue: tier) else { throw .unknownCase(tier) }
        let used = try reader.integer(UInt32.self)
        func number(_ reader: inout RecordReader) throws(RecordError) -> UInt32? {
            try reader.optional { reader throws(RecordError) in try reader.integer() }
        }
        return LeaseTerms(
            tier: tier, sessionsUsed: used, sessionLimit: try number(&reader),
            requestLimit: try number(&reader), secondsLeft: try number(&reader))
    }
}

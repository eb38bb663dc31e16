public import Control
import Linux

/// An end that is under way, as it passes from one program image of PID 1 to the next: whoever goes
/// on from it asks nobody twice.
extension Shutdown: Record {
    public func write(to writer: inout RecordWriter) {
        grace.write(to: &writer)
        state.write(to: &writer)
        writer.write(requests)
        writer.write(signal.number)
        writer.write(code) { $0.write($1) }
        writer.write(endsAsAgent)
        writer.write(gone.sorted()) { $0.write($1) }
        writer.write(services) { $0.write($1) }
        writer.write(latest.nanoseconds)
        writer.write(deadline) { $0.write($1.nanoseconds) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(grace: try Grace(from: &reader))
        state = try State(from: &reader)
        requests = try reader.integer()
        signal = Signal(try reader.integer())
        code = try reader.optional { reader throws(RecordError) in try reader.integer() }
        endsAsAgent = try reader.bool()
        gone = Set(try reader.list { reader throws(RecordError) in try reader.integer(Int.self) })
        services = try reader.list { reader throws(RecordError) in try reader.records() }
        latest = try reader.instant()
        deadline = try reader.optional { reader throws(RecordError) in try reader.instant() }
    }
}

extension Shutdown.Grace: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(total.nanoseconds)
        writer.write(agent) { $0.write($1.nanoseconds) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(
            total: Milliseconds(nanoseconds: try reader.integer()),
            agent: try reader.optional { reader throws(RecordError) in
                Milliseconds(nanoseconds: try reader.integer())
            })
    }
}

extension Shutdown.Situation.Service: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(place)
        writer.write(grace.nanoseconds)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(
            try reader.integer(), grace: Milliseconds(nanoseconds: try reader.integer()))
    }
}

extension Shutdown.State: Record {
    /// In the record's order, which is not changed without its format's number.
    private static let plain: [Self] = [
        .running, .stoppingAgent, .endingSession, .killingSession, .endingOthers, .killingOthers,
        .syncing, .done,
    ]
    private static let numberOfStopping: UInt8 = 100
    private static let numberOfKilling: UInt8 = 101

    func write(to writer: inout RecordWriter) {
        switch self {
        case .stoppingServices(let waves, let due):
            writer.write(Self.numberOfStopping)
            writer.write(waves) { $0.write($1) }
            writer.write(due.sorted { $0.key < $1.key }) { writer, due in
                writer.write(due.key)
                writer.write(due.value.nanoseconds)
            }
        case .killingServices(let waves, let left):
            writer.write(Self.numberOfKilling)
            writer.write(waves) { $0.write($1) }
            writer.write(left.sorted()) { $0.write($1) }
        case .running, .stoppingAgent, .endingSession, .killingSession, .endingOthers,
            .killingOthers, .syncing, .done:
            writer.write(UInt8(Self.plain.firstIndex(of: self) ?? 0))
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let number: UInt8 = try reader.integer()
        switch number {
        case Self.numberOfStopping:
            let waves = try reader.list { reader throws(RecordError) in
                try reader.records(Shutdown.Situation.Service.self)
            }
            let due = try reader.list { reader throws(RecordError) in
                (try reader.integer(Int.self), try reader.instant())
            }
            self = .stoppingServices(waves: waves, due: Dictionary(due) { $1 })
        case Self.numberOfKilling:
            self = .killingServices(
                waves: try reader.list { reader throws(RecordError) in try reader.records() },
                left: Set(
                    try reader.list { reader throws(RecordError) in try reader.integer(Int.self) }))
        default:
            guard Int(number) < Self.plain.count else { throw .unknownCase(number) }
            self = Self.plain[Int(number)]
        }
    }
}

extension RecordReader {
    fileprivate mutating func instant() throws(RecordError) -> Instant {
        Instant(nanoseconds: try integer())
    }
}

public import Control
import Linux

/// What the words of `init --cage` ask of PID 1 for as long as its command runs.
public struct CommandTerms: Equatable, Sendable {
    /// The number of the signal that goes on in the place of one that arrived, by that; 0 for none.
    public var rewrites: [CInt: CInt] = [:]
    /// Whether every signal goes to the command's process group, else to the command alone.
    public var signalsGroup = false
    /// Codes of the command that count as success.
    public var expectedCodes: Set<CInt> = []

    public init() {}

    /// The signal that goes on in the place of `signal`; nil when none does.
    func replacement(for signal: Signal) -> Signal? {
        guard let number = rewrites[signal.number] else { return signal }
        return number == 0 ? nil : Signal(number)
    }

    /// Who `signal` is sent to, as kill(2) has it: what is left after SIGKILL could do nothing more.
    func recipient(of signal: Signal, agent: CInt) -> CInt {
        signalsGroup || signal == .kill ? -agent : agent
    }

    /// The container's code for the command's.
    func exitCode(for code: CInt) -> CInt { expectedCodes.contains(code) ? 0 : code }
}

extension CommandTerms: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(rewrites.sorted { $0.key < $1.key }) { writer, rewrite in
            writer.write(rewrite.key)
            writer.write(rewrite.value)
        }
        writer.write(signalsGroup)
        writer.write(expectedCodes.sorted()) { $0.write($1) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        let pairs = try reader.list { reader throws(RecordError) in
            (from: try reader.integer(CInt.self), to: try reader.integer(CInt.self))
        }
        rewrites = Dictionary(pairs.map { ($0.from, $0.to) }) { $1 }
        signalsGroup = try reader.bool()
        expectedCodes = Set(
            try reader.list { reader throws(RecordError) in try reader.integer(CInt.self) })
    }
}

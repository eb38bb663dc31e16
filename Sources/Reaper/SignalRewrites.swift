import Linux

/// Which signal goes on in the place of one that arrived.
public struct SignalRewrites: Equatable, Sendable {
    private struct Rewrite: Equatable, Sendable {
        let from, to: CInt
    }
    /// Nearly always empty, and then nothing is allocated. The last one for a signal counts.
    private var rewrites: [Rewrite] = []

    public init() {}

    /// The number that was asked for in the place of `number`; 0 to drop it, nil when none was.
    public subscript(number: CInt) -> CInt? { rewrites.last { $0.from == number }?.to }

    /// Takes `FROM:TO`, each a signal's name or number; with 0 as the second FROM is dropped.
    public mutating func add(_ text: String) throws(UsageError) {
        let sides = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let replacement =
            sides.count == 2 ? sides[1] == "0" ? 0 : Signal(parsing: sides[1])?.number : nil
        guard let replacement, let signal = Signal(parsing: sides[0]) else {
            throw UsageError(
                "--rewrite \"\(text)\" is not FROM:TO: use names or numbers of signals, as in 15:3, TERM:QUIT, or 15:0 to drop it"
            )
        }
        guard signal != .kill, signal != .stop, signal != .child else {
            throw UsageError("--rewrite \"\(text)\": \(signal) never comes to init: leave it out")
        }
        rewrites.append(Rewrite(from: signal.number, to: replacement))
    }
}

import Linux
import Logging

/// Lines on their way to somebody who may not read them: none is waited for, and what was lost is
/// said once there is room again. Pure but for `write`, which it is given.
struct LineStream {
    /// The rest of a line that a terminal took a part of.
    private var rest: ArraySlice<UInt8> = []
    /// Lines that were lost and not yet reported.
    fileprivate(set) var lost: UInt64 = 0
    /// Whether the last attempt failed for good: the reader is gone.
    private(set) var isBroken = false

    /// Whether something waits for room.
    var isBehind: Bool { (lost > 0 || !rest.isEmpty) && !isBroken }

    /// Writes `line`, after what is owed.
    ///
    /// - Parameter report: the line that says how many were lost.
    mutating func put(
        _ line: [UInt8], report: (UInt64) -> [UInt8], through write: (ArraySlice<UInt8>) -> Transfer
    ) {
        guard catchUp(report: report, through: write), start(line, write) else {
            lost &+= 1
            return
        }
    }

    /// Writes what is owed.
    ///
    /// - Returns: whether nothing is, any more.
    @discardableResult
    mutating func catchUp(
        report: (UInt64) -> [UInt8], through write: (ArraySlice<UInt8>) -> Transfer
    ) -> Bool {
        if !rest.isEmpty {
            if case .moved(let count) = attempt(rest, write) { rest = rest.dropFirst(count) }
            guard rest.isEmpty else { return false }
        }
        guard lost > 0 else { return true }
        guard start(report(lost), write) else { return false }
        lost = 0
        return rest.isEmpty
    }

    private mutating func start(
        _ line: [UInt8], _ write: (ArraySlice<UInt8>) -> Transfer
    ) -> Bool {
        guard case .moved(let count) = attempt(line[...], write) else { return false }
        rest = line.dropFirst(count)
        return true
    }

    private mutating func attempt(
        _ octets: ArraySlice<UInt8>, _ write: (ArraySlice<UInt8>) -> Transfer
    ) -> Transfer {
        let transfer = write(octets)
        if case .failed = transfer { isBroken = true } else { isBroken = false }
        return transfer
    }
}

/// Standard error, which a stopped, slow or dead reader must never make PID 1 wait for.
///
/// Its open file is shared with every child, so it is not made non-blocking for all of them: the
/// same pipe, terminal or file is opened once more. A socket cannot be, and needs not: each message
/// to it says that it does not wait.
public final class LogOutput: @unchecked Sendable {
    /// PID 1 has one thread, and only PID 1 writes here.
    public static let shared = LogOutput()

    /// How often a full pipe is tried again, while lines are lost.
    static let pause: Milliseconds = 500

    private let own = Output.reopened(2)
    private var stream = LineStream()
    private var report: (UInt64) -> [UInt8] = { _ in [] }

    var isBehind: Bool { stream.isBehind }

    var lost: UInt64 {
        get { stream.lost }
        set { stream.lost = newValue }
    }

    /// - Parameter report: the line that says how many were lost.
    func put(_ line: [UInt8], report: @escaping (UInt64) -> [UInt8]) {
        self.report = report
        stream.put(line, report: report, through: write)
    }

    func catchUp() {
        if stream.isBehind { stream.catchUp(report: report, through: write) }
    }

    private func write(_ octets: ArraySlice<UInt8>) -> Transfer {
        Output.writeWithoutWaiting(Array(octets), to: own ?? 2)
    }
}

import Control
public import Linux
public import Logging
import SystemPackage

/// Where the container's own events go: one line each on standard error, and in the boot log.
///
/// A line is dropped, never waited for, when nobody reads the container's log.
public struct EventLog: LogHandler {
    public enum Form: String, CaseIterable, Sendable {
        case human
        case json
    }

    public static let label = "codetainer"

    public var logLevel = Logger.Level.info
    public var metadata: Logger.Metadata = [:]
    private let form: Form

    public init(form: Form) { self.form = form }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let line =
            form == .human
            ? Self.human(event.level, event.message.description)
            : Self.json(event.level, event.message.description, time: wallClockSeconds())
        Output.writeWithoutWaiting(Array(line.utf8), to: 2)
        BootLog.shared.append(line)
    }

    static func human(_ level: Logger.Level, _ message: String) -> String {
        let prefix = level == .warning ? "\(label): warning: " : "\(label): "
        // "\r\n" is one Character, and another than "\n".
        return message.split(whereSeparator: \.isNewline).map { prefix + $0 + "\n" }.joined()
    }

    static func json(_ level: Logger.Level, _ message: String, time: Int64) -> String {
        "{\"time\":\(time),\"level\":\"\(level.rawValue)\",\"message\":\(ControlReply.quoted(message))}\n"
    }
}

/// The boot's lines in /run/codetainer/boot.log, at most 64 KiB of them.
public final class BootLog: @unchecked Sendable {
    /// PID 1 has one thread, and only PID 1 writes here.
    public static let shared = BootLog()

    private static let limit = 64 << 10
    private var pending: [UInt8] = []
    private var file: CInt = -1
    private var written = 0

    /// Starts the file at `path` with what was logged before there was a place for it.
    public func open(at path: FilePath) throws(SystemCallError) {
        let log = try Files.appending(to: path, mode: 0o600)
        try log.writeAll(pending)
        written = pending.count
        pending = []
        file = log.release()
    }

    func append(_ line: String) { append(octets: Array(line.utf8)) }

    private func append(octets: [UInt8]) {
        guard written + pending.count + octets.count <= Self.limit else { return }
        guard file >= 0 else {
            pending += octets
            return
        }
        written += octets.count
        Output.writeWithoutWaiting(octets, to: file)
    }
}

public import Linux
public import Logging
import Secrets
import SystemPackage

/// Where the container's own events go: one line each on standard error, and in the boot log.
public struct EventLog: LogHandler {
    public static let label = "codetainer"

    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    private let settings: LogSettings
    private let colour: Bool
    private let isBooting: Bool

    /// - Parameter isBooting: whether the lines are the boot log's, too.
    public init(_ settings: LogSettings, isBooting: Bool) {
        self.settings = settings
        self.isBooting = isBooting
        logLevel = settings.level
        colour = settings.takesColour && System.isTerminal(2)
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let message = Secrecy.shared.applied(to: event.message.description)
        LogOutput.shared.put(line(event.level, message, colour: colour)) { [self] lost in
            line(.warning, "\(lost) lines lost: nobody read the log", colour: colour)
        }
        if isBooting { BootLog.shared.append(line(event.level, message, colour: false)) }
    }

    private func line(_ level: Logger.Level, _ message: String, colour: Bool) -> [UInt8] {
        settings.form == .human
            ? LogLine.human(level, message, colour: colour)
            : LogLine.json(level, message, time: .now)
    }
}

extension LogSettings.Form {
    /// What `CODETAINER_LOG` asks of who has no settings; anything but json is for people.
    public static var asked: Self {
        CommandVectors.variable("CODETAINER_LOG") == Array("json".utf8) ? .json : .human
    }

    /// `message` as one line, without colours.
    public func line(_ level: Logger.Level, _ message: String) -> [UInt8] {
        self == .human
            ? LogLine.human(level, message) : LogLine.json(level, message, time: .now)
    }
}

/// What boot has seen of secrets, and what the broker offers, for as long as a line may show one by
/// mistake. The closing exec forgets all but the broker's, which stay where they are.
public final class Secrecy: @unchecked Sendable {
    /// PID 1 has one thread.
    public static let shared = Secrecy()

    private var mask = LogMask()

    /// Keeps the values of variables that are named like a secret out of the log.
    public func hideSecrets(of environment: [String: String]) {
        mask.hideSecrets(of: environment)
    }

    public func hide(_ value: String) { mask.hide(value) }

    /// The broker's: looked at in place, never copied.
    var offered: [Secret] = []

    /// `message` without what was hidden, and without the credentials in its addresses.
    public func applied(to message: String) -> String {
        mask.applied(to: message, besides: offered)
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

    /// A line too many, or one for which /run has no room, is only on standard error.
    func append(_ line: [UInt8]) {
        guard written + pending.count + line.count <= Self.limit else { return }
        guard file >= 0 else {
            pending += line
            return
        }
        written += line.count
        Output.writeWithoutWaiting(line, to: file)
    }
}

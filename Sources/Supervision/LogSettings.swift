public import Control
public import Logging

/// How the container's log is written: chosen when the container starts, and the same until it ends.
public struct LogSettings: Equatable, Sendable {
    public enum Form: String, CaseIterable, Sendable {
        /// For people: `codetainer: warning: …`.
        case human
        /// For collectors: one JSON object a line.
        case json
    }

    /// Levels that may be asked for, the most talkative first.
    public static let levels: [Logger.Level] = [.debug, .info, .notice, .warning, .error]

    public var form = Form.human
    /// The least level that is written.
    public var level = Logger.Level.info
    /// Whether colours are wanted where a terminal shows them (no-color.org).
    public var takesColour = false

    public init() {}

    /// Reads `CODETAINER_LOG`, `CODETAINER_LOG_LEVEL`, `NO_COLOR` and `TERM`.
    ///
    /// - Returns: the settings, defaults where a value cannot be used, and what is wrong with each
    ///   of those.
    public static func reading(_ environment: [String: String]) -> (
        settings: LogSettings, mistakes: [String]
    ) {
        var settings = LogSettings()
        var mistakes: [String] = []
        if let text = environment["CODETAINER_LOG"], !text.isEmpty {
            if let form = Form(rawValue: text) {
                settings.form = form
            } else {
                mistakes.append("CODETAINER_LOG \"\(text)\" must be human or json")
            }
        }
        if let text = environment["CODETAINER_LOG_LEVEL"], !text.isEmpty {
            if let level = levels.first(where: { $0.rawValue == text }) {
                settings.level = level
            } else {
                let choices = levels.dropLast().map(\.rawValue).joined(separator: ", ")
                mistakes.append("CODETAINER_LOG_LEVEL \"\(text)\" must be \(choices) or error")
            }
        }
        let terminal = environment["TERM"] ?? ""
        settings.takesColour =
            (environment["NO_COLOR"] ?? "").isEmpty && !terminal.isEmpty && terminal != "dumb"
        return (settings, mistakes)
    }
}

extension LogSettings: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(form == .json)
        writer.write(UInt8(clamping: Self.levels.firstIndex(of: level) ?? 0))
        writer.write(takesColour)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        form = try reader.bool() ? .json : .human
        let index = try reader.integer(UInt8.self)
        guard Self.levels.indices.contains(Int(index)) else { throw .unknownCase(index) }
        level = Self.levels[Int(index)]
        takesColour = try reader.bool()
    }
}

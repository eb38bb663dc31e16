/// Why boot failed, as its log says (/run/codetainer/boot.log, which is root's alone). Pure.
public struct BootFailureNote: Equatable, Sendable {
    public let stage: String
    /// What was wrong; empty until that has been written.
    public let reasons: [String]

    /// - Returns: nil when no stage has failed.
    public init?(parsing log: String) {
        let messages = log.split(separator: "\n").map(Self.message)
        guard
            let failed = messages.firstIndex(where: {
                $0.hasPrefix("[") && $0.hasSuffix(" ms FAILED")
            }), let bracket = messages[failed].firstIndex(of: "]")
        else { return nil }
        let words = messages[failed][bracket...].split(separator: " ")
        guard words.count > 1 else { return nil }
        stage = String(words[1])
        reasons = Array(messages[(failed + 1)...])
    }

    /// What a line says, without what every line begins with.
    private static func message(_ line: Substring) -> String {
        let mark = "codetainer: "
        if line.hasPrefix(mark) { return String(line.dropFirst(mark.count)) }
        // Three names and two values come before it: {"time":"…","level":"…","message":"…"}
        let parts = line.split(
            separator: "\"", maxSplits: 11, omittingEmptySubsequences: false)
        guard line.hasPrefix("{"), parts.count == 12, parts[9] == "message" else {
            return String(line)
        }
        return String(parts[11].dropLast(2))
    }
}

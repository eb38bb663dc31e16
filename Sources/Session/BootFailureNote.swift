/// Why boot failed, as its log says (/run/codetainer/boot.log, which is root's alone). Pure.
public struct BootFailureNote {
    public let stage: String
    /// What was wrong, line by line; empty until that has been written.
    public let reasons: String

    /// - Parameter log: in either form, lines for people or JSON, whose reasons are left as they are.
    /// - Returns: nil when no stage has failed.
    public init?(parsing log: String) {
        var stage: String?
        var reasons = ""
        for line in log.split(separator: "\n") {
            if stage != nil {
                let mark = "codetainer: "
                reasons += line.hasPrefix(mark) ? line.dropFirst(mark.count) : line
                reasons += "\n"
            } else if line.hasSuffix(" ms FAILED") || line.hasSuffix(" ms FAILED\"}") {
                // … verify 12.345 ms FAILED
                let words = line.split(separator: " ")
                if words.count > 4 { stage = String(words[words.count - 4]) }
            }
        }
        guard let stage else { return nil }
        (self.stage, self.reasons) = (stage, reasons)
    }
}

import Control

/// Text of the agent's, made fit for a line of the operator's terminal.
enum PrintableLine {
    /// Longest line, in scalars; what is beyond it becomes an ellipsis.
    static let longest = 200

    /// `octets` repaired and shortened, with everything escaped that could move the cursor, begin a
    /// command of the terminal or turn the direction of writing.
    static func text(_ octets: some Sequence<UInt8>) -> String {
        var line = ""
        let scalars = String(decoding: Array(octets), as: UTF8.self).unicodeScalars
        for (count, scalar) in scalars.enumerated() {
            if count == longest { return line + "…" }
            if scalar == "\t" {
                line += " "
            } else if scalar.isInvisible {
                line += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                line.unicodeScalars.append(scalar)
            }
        }
        return line
    }
}

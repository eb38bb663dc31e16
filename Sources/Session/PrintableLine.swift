import Control

/// Text of the agent's, made fit for a line of the operator's terminal.
enum PrintableLine {
    /// Longest line, in scalars; what is beyond it becomes an ellipsis.
    static let longest = 200

    /// `octets` repaired, shortened and without blanks at the end, with everything escaped that could
    /// move the cursor, begin a command of the terminal or turn the direction of writing.
    static func text(_ octets: ArraySlice<UInt8>) -> String {
        var octets = octets
        while octets.last == 0x20 || octets.last == 0x0d { octets.removeLast() }
        var line = ""
        var count = 0
        for scalar in String(decoding: octets, as: UTF8.self).unicodeScalars {
            count += 1
            if count > longest { return line + "…" }
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

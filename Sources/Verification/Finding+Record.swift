import Linux

/// A finding as one line, from the confined process that made it to the one that asks.
extension Finding {
    /// Fields are separated by tabs: verdict, attack, two texts, nanoseconds.
    var record: String {
        let fields =
            switch verdict {
            case .held(let layer, let answers): ["held", attack, layer, answers]
            case .broken(let how): ["broken", attack, how, ""]
            case .untold(let why): ["untold", attack, why, ""]
            }
        let line = (fields + ["\(time.nanoseconds)"]).map(Self.printable).joined(separator: "\t")
        return line + "\n"
    }

    /// Nil for a line that no such process writes.
    init?(record line: Substring) {
        let tab: Character = "\t"
        let fields = line.split(separator: tab, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 5, let nanoseconds = Int64(fields[4]) else { return nil }
        let verdict: Verdict
        switch fields[0] {
        case "held": verdict = .held(layer: fields[2], answers: fields[3])
        case "broken": verdict = .broken(fields[2])
        case "untold": verdict = .untold(fields[2])
        default: return nil
        }
        self.init(
            attack: fields[1], verdict: verdict, time: Milliseconds(nanoseconds: nanoseconds))
    }

    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? "?" : $0 }))
    }
}

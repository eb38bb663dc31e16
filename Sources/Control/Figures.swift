/// Numbers as a person reads them.
enum Figures {
    /// Two digits after the point.
    static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }

    /// Octets in binary units (IEC 80000-13); a tenth where there is but one digit before it.
    static func octets(_ count: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (count, 0)
        var rest: UInt64 = 0
        while value >= 1024, unit < units.count - 1 {
            (value, rest, unit) = (value / 1024, value % 1024, unit + 1)
        }
        let tenth = rest * 10 / 1024
        return value < 10 && tenth > 0
            ? "\(value).\(tenth) \(units[unit])" : "\(value) \(units[unit])"
    }

    /// A span in its largest unit of which there are two.
    static func duration(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(max(0, seconds)) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) days"
        }
    }

    /// A noun with its number; `rules` has no other plural than this.
    static func count(_ number: UInt64, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : noun.hasSuffix("s") ? "es" : "s")"
    }

    /// Marks for a part of a whole: none for nothing, one at least for something.
    static func marks(_ part: UInt64, of whole: UInt64, width: Int) -> Int {
        guard part > 0, whole > 0 else { return 0 }
        let marks = (Double(part) / Double(whole) * Double(width)).rounded()
        return max(1, min(width, Int(marks)))
    }
}

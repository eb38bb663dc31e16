/// A moment as RFC 3339 writes it.
extension WallTime {
    /// `2026-11-21T16:31:13.045Z`.
    public var timestamp: String {
        // The years that the form has digits for, whatever the clock was set to.
        let seconds = min(max(0, seconds), 253_402_300_799)
        let date = Self.civil(day: seconds / 86_400)
        let second = seconds % 86_400
        return Self.digits(date.year, 4) + "-" + Self.digits(date.month, 2) + "-"
            + Self.digits(date.day, 2) + "T" + Self.digits(second / 3600, 2) + ":"
            + Self.digits(second / 60 % 60, 2) + ":" + Self.digits(second % 60, 2) + "."
            + Self.digits(nanoseconds / 1_000_000, 3) + "Z"
    }

    /// Reads `2026-11-21T16:31:13Z`, with any fraction of a second and any offset; nil for what is no
    /// such moment since 1970 (RFC 3339 §5.6). What is finer than a second is left out.
    public init?(timestamp text: String) {
        let octets = Array(text.utf8)
        guard octets.count >= 20 else { return nil }
        func number(_ start: Int, _ count: Int, upTo limit: Int64) -> Int64? {
            var value: Int64 = 0
            for octet in octets[start..<start + count] {
                guard (0x30...0x39).contains(octet) else { return nil }
                value = value * 10 + Int64(octet - 0x30)
            }
            return value <= limit ? value : nil
        }
        guard let year = number(0, 4, upTo: 9999), year >= 1970, octets[4] == 0x2d,
            let month = number(5, 2, upTo: 12), octets[7] == 0x2d,
            let day = number(8, 2, upTo: 31), day > 0, octets[10] | 0x20 == 0x74,
            let hour = number(11, 2, upTo: 23), octets[13] == 0x3a,
            let minute = number(14, 2, upTo: 59), octets[16] == 0x3a,
            // A leap second counts as the next minute's first.
            let second = number(17, 2, upTo: 60), let days = Self.day(year, month, day)
        else { return nil }
        var end = 19
        if octets[end] == 0x2e {
            end += 1
            let digits = octets[end...].prefix { (0x30...0x39).contains($0) }.count
            guard digits > 0 else { return nil }
            end += digits
        }
        var seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        switch octets.count - end {
        case 1 where octets[end] | 0x20 == 0x7a: break
        case 6 where octets[end] == 0x2b || octets[end] == 0x2d:
            guard let hours = number(end + 1, 2, upTo: 23), octets[end + 3] == 0x3a,
                let minutes = number(end + 4, 2, upTo: 59)
            else { return nil }
            seconds -= (octets[end] == 0x2b ? 1 : -1) * (hours * 3600 + minutes * 60)
        default: return nil
        }
        self.init(seconds: seconds)
    }

    /// The day since 1970-01-01 of a date; nil where its month has no such day.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        let march = (month + 9) % 12
        let years = month > 2 ? year : year - 1
        let dayOfYear = (153 * march + 2) / 5 + day - 1
        let count = years * 365 + years / 4 - years / 100 + years / 400 + dayOfYear - 719_468
        let date = civil(day: count)
        return date.month == month && date.day == day ? count : nil
    }

    /// The Gregorian date of a day counted from 1970-01-01, by years that begin with March, so that
    /// the leap day is the last of its year.
    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let sinceEra = day + 719_468  // from 0000-03-01
        let era = sinceEra / 146_097
        let dayOfEra = sinceEra % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * march + 2) / 5 + 1
        )
    }

    private static func digits(_ value: Int64, _ count: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}

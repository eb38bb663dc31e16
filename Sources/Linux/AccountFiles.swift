/// Numbers in the text of passwd(5) and group(5), octet for octet: what else a line holds stays.
public enum AccountFiles {
    /// A passwd(5) whose account `name` has these numbers.
    public static func renumbered(passwd text: [UInt8], _ name: String, user: UInt32, group: UInt32)
        -> [UInt8]
    {
        replacing(in: text, name) { fields in
            guard fields.count == 7 else { return }
            fields[2] = Array("\(user)".utf8)[...]
            fields[3] = Array("\(group)".utf8)[...]
        }
    }

    /// A group(5) in which `number` has a name: that of the group that has it already; else the
    /// group `name` gets it, and is made where it is not there.
    public static func renumbered(group text: [UInt8], _ name: String, _ number: UInt32) -> [UInt8]
    {
        if groupName(of: number, in: text) != nil { return text }
        let digits = Array("\(number)".utf8)[...]
        var isThere = false
        var result = replacing(in: text, name) { fields in
            guard fields.count == 4 else { return }
            fields[2] = digits
            isThere = true
        }
        if !isThere {
            if let last = result.last, last != newline { result.append(newline) }
            result += Array("\(name):x:\(number):\n".utf8)
        }
        return result
    }

    /// The first group with this number; nil when there is none.
    public static func groupName(of number: UInt32, in text: [UInt8]) -> String? {
        for line in text.split(separator: newline) {
            let fields = line.split(separator: colon, omittingEmptySubsequences: false)
            if fields.count == 4, UInt32(String(decoding: fields[2], as: UTF8.self)) == number {
                return String(decoding: fields[0], as: UTF8.self)
            }
        }
        return nil
    }

    private static let newline = UInt8(ascii: "\n")
    private static let colon = UInt8(ascii: ":")

    /// Changes the fields of the first line that `name` begins, which is the one that counts.
    private static func replacing(
        in text: [UInt8], _ name: String, _ change: (inout [ArraySlice<UInt8>]) -> Void
    ) -> [UInt8] {
        var lines = text.split(separator: newline, omittingEmptySubsequences: false)
        for index in lines.indices {
            var fields = lines[index].split(separator: colon, omittingEmptySubsequences: false)
            guard let first = fields.first, first.elementsEqual(name.utf8) else { continue }
            change(&fields)
            lines[index] = Array(fields.joined(separator: [colon]))[...]
            break
        }
        return Array(lines.joined(separator: [newline]))
    }
}

/// Names as text, read straight from bytes: a list of 100,000 names is read without a `String`.
enum NameGrammar {
    static func isLabelByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == ASCII.hyphen || byte == ASCII.underscore
    }

    /// Appends the canonical wire form of the name in `range` to `wire`.
    ///
    /// After a fault `wire` holds a part of the name; the caller cuts it off.
    ///
    /// - Parameter quoted: what a message quotes; the name itself unless given.
    static func appendWireName(
        of text: Span<UInt8>, in range: Range<Int>, quoting quoted: Range<Int>? = nil,
        to wire: inout [UInt8]
    ) throws(Fault) {
        let name = Name(range: range, quoted: quoted ?? range, wireStart: wire.count)
        guard !range.isEmpty else { throw name.fault("the name is missing") }
        var position = range.lowerBound
        var lastLabel = wire.count
        while position < range.upperBound {
            lastLabel = wire.count
            position = try appendLabel(of: text, at: position, of: name, to: &wire) + 1
        }
        if isNumber(wire, from: lastLabel + 1) {
            throw name.fault("it ends in a number, so programs would read it as an IPv4 address")
        }
        wire.append(0)
    }

    /// The name being read: where it is, what to quote of it, and where its wire form begins.
    private struct Name {
        let range: Range<Int>
        let quoted: Range<Int>
        let wireStart: Int

        func fault(_ reason: String, at offset: Int? = nil) -> Fault {
            Fault(.domainName, quoting: quoted, at: offset, reason)
        }
    }

    /// Appends one label and returns where it ends: at a dot, or at the end of the name.
    private static func appendLabel(
        of text: Span<UInt8>, at start: Int, of name: Name, to wire: inout [UInt8]
    ) throws(Fault) -> Int {
        let lengthPosition = wire.count
        wire.append(0)
        var end = start
        while end < name.range.upperBound, text[end] != ASCII.dot {
            let byte = text[end]
            if byte >= 0x80 {
                wire.removeLast(wire.count - lengthPosition - 1)
                end =
                    text.firstPosition(of: ASCII.dot, in: end..<name.range.upperBound)
                    ?? name.range.upperBound
                try UnicodeLabel.append(of: text, in: start..<end, quoting: name.quoted, to: &wire)
                break
            }
            guard isLabelByte(byte) else {
                throw name.fault(refusal(of: Unicode.Scalar(byte)), at: end)
            }
            wire.append(byte.foldedASCII)
            end += 1
        }
        let length = wire.count - lengthPosition - 1
        guard length > 0 else { throw name.fault("a label between dots is empty", at: start) }
        guard length <= DomainName.longestLabel else {
            throw name.fault("a label has \(length) characters, 63 at most", at: start)
        }
        // The root label's octet is still to come.
        guard wire.count - name.wireStart < DomainName.longestWireName else {
            throw name.fault("the name is longer than 253 characters", at: start)
        }
        if wire[lengthPosition + 1] == ASCII.hyphen {
            throw name.fault("a label cannot begin with a hyphen", at: start)
        }
        if wire[wire.count - 1] == ASCII.hyphen {
            throw name.fault("a label cannot end with a hyphen", at: end - 1)
        }
        wire[lengthPosition] = UInt8(length)
        return end
    }

    /// Whether the bytes from `start` on are what inet_aton(3) takes for a number: digits, or
    /// hexadecimal digits after `0x`.
    private static func isNumber(_ wire: [UInt8], from start: Int) -> Bool {
        let label = wire[start...]
        if label.allSatisfy(\.isASCIIDigit) { return true }
        return label.starts(with: "0x".utf8)
            && label.dropFirst(2).allSatisfy { $0.hexadecimalDigit != nil }
    }

    /// Why an ASCII character is not part of a name, and what it was probably meant to be.
    static func refusal(of scalar: Unicode.Scalar) -> String {
        switch scalar {
        case " ": "a space is not allowed"
        case "\t": "a tab is not allowed"
        case "*": "a wildcard stands only at the start, as \"*.\""
        case "@": "a user is not allowed: write only the host name"
        case "/": "a path is not allowed: write only the host name"
        case ":": "a port is not part of a name"
        case ",", ";": "write one name a line"
        default: "\"\(PrintableText.escape(scalar))\" is not allowed in a name"
        }
    }
}

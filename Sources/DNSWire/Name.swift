/// A domain name as it stands on the wire, in lower case: length octets, labels, the root's zero.
///
/// Its octets are stored in place, so that a question is parsed without an allocation.
public struct Name: Sendable {
    /// Longest name on the wire, in octets, root label included (RFC 1035 §2.3.4).
    public static let longest = 255
    /// Longest label, in octets, without its length octet (RFC 1035 §2.3.4).
    public static let longestLabel = 63

    private var storage: InlineArray<256, UInt8>
    private var length: UInt8

    /// The root.
    public init() {
        storage = InlineArray(repeating: 0)
        length = 1
    }

    /// Octets on the wire, the root's zero included: 1 to 255.
    public var count: Int { Int(length) }

    public var isRoot: Bool { length == 1 }

    /// The wire form, uncompressed, in lower case.
    public var octets: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { storage.span.extracting(first: Int(length)) }
    }

    /// A copy of the wire form.
    public var bytes: [UInt8] {
        [UInt8](capacity: count) { output in
            for index in 0..<count { output.append(storage[index]) }
        }
    }

    /// Adds a label before the root.
    ///
    /// - Throws: `WireError.octetForbidden` for NUL and dots, `nameTooLong`, `labelLength`.
    mutating func append(label: Span<UInt8>) throws(WireError) {
        guard 1...Name.longestLabel ~= label.count else { throw .labelLength }
        let start = Int(length) - 1
        guard start + 1 + label.count + 1 <= Name.longest else { throw .nameTooLong }
        storage[start] = UInt8(label.count)
        for index in label.indices {
            let octet = label[index]
            guard octet != 0, octet != UInt8(ascii: ".") else { throw .octetForbidden }
            storage[start + 1 + index] = octet.loweredASCII
        }
        storage[start + 1 + label.count] = 0
        length = UInt8(start + 1 + label.count + 1)
    }

    /// Back to the root, in the same place.
    mutating func removeLabels() {
        storage[0] = 0
        length = 1
    }

    /// Reads `www.example.com`, with or without the final dot.
    public init(text: String) throws(WireError) {
        self.init()
        var label: [UInt8] = []
        var octets = Array(text.utf8)
        if octets.last == UInt8(ascii: ".") { octets.removeLast() }
        guard !octets.isEmpty else { return }
        for octet in octets + [UInt8(ascii: ".")] {
            if octet == UInt8(ascii: ".") {
                try append(label: label.span)
                label.removeAll(keepingCapacity: true)
            } else {
                label.append(octet)
            }
        }
    }

    /// Reads an uncompressed wire form that ends with `octets`.
    public init(wire octets: Span<UInt8>) throws(WireError) {
        self.init()
        var position = 0
        while position < octets.count, octets[position] != 0 {
            let length = Int(octets[position])
            guard octets.count - position > length else { throw .truncated }
            try append(label: octets.extracting(position + 1..<position + 1 + length))
            position += 1 + length
        }
        guard position < octets.count else { throw .truncated }
        guard position == octets.count - 1 else { throw .trailingOctets }
    }
}

extension Name: Equatable {
    public static func == (left: Name, right: Name) -> Bool { left.equals(right.octets) }

    /// Compares with an uncompressed lower-case wire form.
    public func equals(_ other: Span<UInt8>) -> Bool {
        let octets = self.octets
        guard octets.count == other.count else { return false }
        for index in octets.indices where octets[index] != other[index] { return false }
        return true
    }
}

extension Name: CustomStringConvertible {
    /// Dotted text without the final dot; what is not printable ASCII as `\DDD` (RFC 1035 §5.1).
    public var description: String {
        guard !isRoot else { return "." }
        var text = ""
        var position = 0
        while octets[position] != 0 {
            if position > 0 { text += "." }
            let end = position + 1 + Int(octets[position])
            for index in position + 1..<end { text += Name.escaped(octets[index]) }
            position = end
        }
        return text
    }

    private static func escaped(_ octet: UInt8) -> String {
        if 0x21...0x7e ~= octet, octet != UInt8(ascii: "\\") {
            return String(UnicodeScalar(octet))
        }
        let digits = String(octet)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}

extension UInt8 {
    /// The octet with ASCII capitals lowered; a length octet (at most 63) is never a letter.
    @inline(__always)
    public var loweredASCII: UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self
    }
}

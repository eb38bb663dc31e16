/// A value that can be handed to another process of ours as octets.
///
/// The form is compact and fixed: integers are little-endian, texts and lists carry a 32-bit
/// count. It is read by the same binary that wrote it, or by a newer one.
public protocol Record {
    func write(to writer: inout RecordWriter)
    init(from reader: inout RecordReader) throws(RecordError)
}

public enum RecordError: Error, Equatable, Sendable {
    case truncated
    case notUTF8
    /// A case that this version does not know.
    case unknownCase(UInt8)
    /// The record begins with another format number.
    case otherFormat(UInt32)
    case trailingOctets(Int)
}

public struct RecordWriter {
    public private(set) var octets: [UInt8] = []

    public init() {}

    public mutating func write(_ value: some FixedWidthInteger) {
        for index in 0..<(value.bitWidth / 8) {
            octets.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    public mutating func write(_ value: Bool) { write(value ? 1 as UInt8 : 0) }

    public mutating func write(_ octets: [UInt8]) {
        write(UInt32(octets.count))
        self.octets += octets
    }

    public mutating func write(_ text: String) { write(Array(text.utf8)) }

    public mutating func write<Element>(
        _ list: [Element], _ body: (inout RecordWriter, Element) -> Void
    ) {
        write(UInt32(list.count))
        for element in list { body(&self, element) }
    }

    public mutating func write(_ list: [String]) { write(list) { $0.write($1) } }

    public mutating func write<Element: Record>(_ list: [Element]) {
        write(list) { writer, element in element.write(to: &writer) }
    }

    public mutating func write<Value>(_ value: Value?, _ body: (inout RecordWriter, Value) -> Void)
    {
        write(value != nil)
        if let value { body(&self, value) }
    }
}

public struct RecordReader {
    private var rest: ArraySlice<UInt8>

    public init(_ octets: [UInt8]) { rest = octets[...] }

    public mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self)
        throws(RecordError) -> Value
    {
        let count = Value.bitWidth / 8
        guard rest.count >= count else { throw .truncated }
        var value: Value = 0
        for (index, octet) in rest.prefix(count).enumerated() {
            value |= Value(truncatingIfNeeded: octet) << (8 * index)
        }
        rest = rest.dropFirst(count)
        return value
    }

    public mutating func bool() throws(RecordError) -> Bool { try integer(UInt8.self) != 0 }

    public mutating func octets() throws(RecordError) -> [UInt8] {
        let count = Int(try integer(UInt32.self))
        guard rest.count >= count else { throw .truncated }
        let octets = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return octets
    }

    public mutating func text() throws(RecordError) -> String {
        guard let text = String(validating: try octets(), as: UTF8.self) else { throw .notUTF8 }
        return text
    }

    public mutating func list<Element>(
        _ body: (inout RecordReader) throws(RecordError) -> Element
    ) throws(RecordError) -> [Element] {
        let count = Int(try integer(UInt32.self))
        // No element is empty, so a count beyond the octets that are left is a lie.
        guard count <= rest.count else { throw .truncated }
        var list: [Element] = []
        for _ in 0..<count { list.append(try body(&self)) }
        return list
    }

    public mutating func texts() throws(RecordError) -> [String] {
        try list { reader throws(RecordError) in try reader.text() }
    }

    public mutating func records<Element: Record>(_: Element.Type = Element.self)
        throws(RecordError) -> [Element]
    {
        try list { reader throws(RecordError) in try Element(from: &reader) }
    }

    public mutating func optional<Value>(
        _ body: (inout RecordReader) throws(RecordError) -> Value
    ) throws(RecordError) -> Value? {
        try bool() ? try body(&self) : nil
    }

    public func end() throws(RecordError) {
        guard rest.isEmpty else { throw .trailingOctets(rest.count) }
    }
}

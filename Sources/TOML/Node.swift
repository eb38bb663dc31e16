/// Where something stands in a document.
public struct Place: Hashable, Sendable {
    /// The document, as messages call it.
    public let file: String
    /// Counted from 1; 0 where the whole document is meant.
    public let line: Int

    public init(file: String, line: Int) { (self.file, self.line) = (file, line) }
}

/// A value of a document, with its place.
public struct Node: Sendable {
    public var value: Value
    public var place: Place

    public init(_ value: Value, at place: Place) { (self.value, self.place) = (value, place) }
}

public enum Value: Sendable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    /// A number with a fraction, a date or a time, as it was written: valid, and of no use to whoever
    /// reads configuration that has neither.
    case other(String)
    case array([Node])
    case table(Table)
}

/// Nil where it is a value of another kind.
///
/// Never inlined: the optimiser of Swift 6.3.1 fails on its own ownership rules where they are.
extension Node {
    @inline(never)
    public var string: String? { if case .string(let text) = value { text } else { nil } }

    @inline(never)
    public var int: Int? { if case .integer(let number) = value { number } else { nil } }

    @inline(never)
    public var bool: Bool? { if case .boolean(let truth) = value { truth } else { nil } }

    @inline(never)
    public var array: [Node]? { if case .array(let nodes) = value { nodes } else { nil } }

    @inline(never)
    public var table: Table? { if case .table(let table) = value { table } else { nil } }
}

/// Keys with their values, in the order in which a document has them.
public struct Table: Sendable {
    public private(set) var keys: [String] = []
    private var nodes: [String: Node] = [:]
    /// Its header, or the key of an inline one.
    public var place: Place

    public init(at place: Place) { self.place = place }

    /// Nil takes the key out.
    public subscript(key: String) -> Node? {
        get { nodes[key] }
        set {
            if let newValue {
                if nodes.updateValue(newValue, forKey: key) == nil { keys.append(key) }
            } else if nodes.removeValue(forKey: key) != nil {
                keys.removeAll { $0 == key }
            }
        }
    }
}

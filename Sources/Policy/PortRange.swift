/// Ports from `first` to `last`, both included; never port 0, never empty.
public struct PortRange: Hashable, Sendable, CustomStringConvertible {
    /// The lowest port, at least 1.
    public let first: UInt16
    /// The highest port.
    public let last: UInt16

    /// What a rule without ports opens.
    public static let https = PortRange(unchecked: 443...443)

    /// `nil` when a port is 0 or the ports are in the wrong order.
    public init?(first: UInt16, last: UInt16) {
        guard 0 < first, first <= last else { return nil }
        self.init(unchecked: first...last)
    }

    /// One port; `nil` when it is 0.
    public init?(_ port: UInt16) {
        self.init(first: port, last: port)
    }

    private init(unchecked ports: ClosedRange<UInt16>) {
        first = ports.lowerBound
        last = ports.upperBound
    }

    /// Number of ports: 1 to 65,535.
    public var count: Int { Int(last) - Int(first) + 1 }

    /// Whether a port is one of these.
    public func contains(_ port: UInt16) -> Bool { first <= port && port <= last }

    /// `443`, or `8000-8100`.
    public var description: String { first == last ? "\(first)" : "\(first)-\(last)" }

    /// The same ports in ascending ranges of which no two overlap or touch.
    static func merging(_ ranges: [PortRange]) -> [PortRange] {
        var merged: [PortRange] = []
        for range in ranges.sorted(by: { ($0.first, $0.last) < ($1.first, $1.last) }) {
            if let previous = merged.last, Int(range.first) <= Int(previous.last) + 1 {
                let ports = previous.first...max(previous.last, range.last)
                merged[merged.count - 1] = PortRange(unchecked: ports)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

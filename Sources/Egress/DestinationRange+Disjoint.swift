import Policy

extension DestinationRange {
    /// The same endpoints as boxes that do not overlap, sorted: a set of concatenated ranges
    /// refuses elements that overlap in part (nft(8), "interval").
    static func disjoint(_ ranges: [DestinationRange], of family: Family) -> [DestinationRange] {
        [Transport.tcp, .udp].flatMap { transport in
            disjoint(
                ranges.filter {
                    $0.transport == transport && $0.addresses.lowerBound.family == family
                }, over: transport)
        }
    }

    /// A sweep over the addresses: between two places where a range begins or ends, the open ports
    /// do not change. Neighbours with the same ports become one again.
    private static func disjoint(
        _ ranges: [DestinationRange], over transport: Transport
    ) -> [DestinationRange] {
        var changes: [Address: (opened: [ClosedRange<UInt16>], closed: [ClosedRange<UInt16>])] = [:]
        for range in ranges {
            changes[range.addresses.lowerBound, default: ([], [])].opened.append(range.ports)
            guard let after = range.addresses.upperBound.next else { continue }
            changes[after, default: ([], [])].closed.append(range.ports)
        }

        var open: [ClosedRange<UInt16>: Int] = [:]
        var segments: [(addresses: ClosedRange<Address>, ports: [ClosedRange<UInt16>])] = []
        let places = changes.sorted { $0.key < $1.key }
        for (position, (start, change)) in places.enumerated() {
            for ports in change.opened { open[ports, default: 0] += 1 }
            for ports in change.closed {
                open[ports] = open[ports].flatMap { $0 > 1 ? $0 - 1 : nil }
            }
            let isLast = position + 1 == places.count
            guard !open.isEmpty,
                // What is still open at the last place reaches the end of the address space.
                let end = isLast ? start.family.lastAddress : places[position + 1].key.previous
            else { continue }
            let ports = merged(Array(open.keys))
            if let last = segments.last, last.ports == ports,
                last.addresses.upperBound.next == start
            {
                segments[segments.count - 1].addresses = last.addresses.lowerBound...end
            } else {
                segments.append((start...end, ports))
            }
        }
        return segments.flatMap { segment in
            segment.ports.map { DestinationRange(segment.addresses, transport, $0) }
        }
    }

    private static func merged(_ ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        var result: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                result[result.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension ClosedRange<Address> {
    /// The same addresses of one family as ranges that neither overlap nor touch, sorted.
    static func disjoint(_ ranges: [ClosedRange<Address>], of family: Family) -> [Self] {
        var result: [Self] = []
        let own = ranges.filter { $0.lowerBound.family == family }
        for range in own.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, last.upperBound.next.map({ range.lowerBound <= $0 }) ?? true
            {
                result[result.count - 1] =
                    last.lowerBound...Swift.max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension Ruleset.Family {
    var lastAddress: Address {
        self == .v4 ? .v4(.max) : .v6(.max, .max)
    }
}

extension Address {
    /// The address after this one; nil after the last of its family.
    var next: Address? {
        switch self {
        case .v4(let bits): bits == .max ? nil : .v4(bits + 1)
        case .v6(.max, .max): nil
        case .v6(let high, .max): .v6(high + 1, 0)
        case .v6(let high, let low): .v6(high, low + 1)
        }
    }

    /// The address before this one; nil before the first of its family.
    var previous: Address? {
        switch self {
        case .v4(let bits): bits == 0 ? nil : .v4(bits - 1)
        case .v6(0, 0): nil
        case .v6(let high, 0): .v6(high - 1, .max)
        case .v6(let high, let low): .v6(high, low - 1)
        }
    }
}

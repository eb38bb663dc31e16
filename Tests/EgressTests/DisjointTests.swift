import Policy
import Testing

@testable import Egress

struct DisjointTests {
    static func range(
        _ first: String, _ last: String, _ ports: ClosedRange<UInt16>, _ transport: Transport = .tcp
    ) -> DestinationRange {
        DestinationRange(Address(first)...Address(last), transport, ports)
    }

    @Test func overlapsAreCut() {
        let disjoint = DestinationRange.disjoint(
            [
                Self.range("10.0.0.0", "10.0.0.255", 443...443),
                Self.range("10.0.0.128", "10.0.1.10", 440...450),
            ], of: .v4)
        #expect(
            disjoint == [
                Self.range("10.0.0.0", "10.0.0.127", 443...443),
                Self.range("10.0.0.128", "10.0.1.10", 440...450),
            ])
    }

    @Test func neighboursBecomeOne() {
        let disjoint = DestinationRange.disjoint(
            [
                Self.range("10.0.0.0", "10.0.0.9", 1...5),
                Self.range("10.0.0.10", "10.0.0.19", 1...3),
                Self.range("10.0.0.10", "10.0.0.19", 4...5),
                Self.range("10.0.0.4", "10.0.0.4", 2...2),
                Self.range("10.0.0.0", "10.0.0.19", 7...7, .udp),
            ], of: .v4)
        #expect(
            disjoint == [
                Self.range("10.0.0.0", "10.0.0.19", 1...5),
                Self.range("10.0.0.0", "10.0.0.19", 7...7, .udp),
            ])
    }

    @Test func endOfTheAddressSpaceIsReached() {
        let all = Self.range("0.0.0.0", "255.255.255.255", 1...1)
        let top = Self.range("255.255.255.255", "255.255.255.255", 2...2)
        #expect(
            DestinationRange.disjoint([all, top, all], of: .v4) == [
                Self.range("0.0.0.0", "255.255.255.254", 1...1),
                Self.range("255.255.255.255", "255.255.255.255", 1...2),
            ])
        let six = Self.range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1...1)
        #expect(DestinationRange.disjoint([six], of: .v6) == [six])
        #expect(DestinationRange.disjoint([six], of: .v4) == [])
    }

    /// Against the definition: a small world of 12 addresses and 8 ports, every one asked for.
    @Test(arguments: 0..<200)
    func sameDestinationsAsBefore(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        func pick(_ bound: UInt32) -> UInt32 { UInt32(random.next() % UInt64(bound)) }
        func pair(_ bound: UInt32) -> ClosedRange<UInt32> {
            let (one, two) = (pick(bound), pick(bound))
            return min(one, two)...max(one, two)
        }
        let ranges = (0..<Int(pick(6))).map { _ in
            let addresses = pair(12)
            let ports = pair(8)
            return DestinationRange(
                .v4(
                    UInt32.max - 11 + addresses.lowerBound)...(.v4(
                        UInt32.max - 11 + addresses.upperBound)),
                .tcp, UInt16(ports.lowerBound)...UInt16(ports.upperBound))
        }
        let disjoint = DestinationRange.disjoint(ranges, of: .v4)
        for address in UInt32.max - 11...UInt32.max {
            for port: UInt16 in 0..<8 {
                func holds(_ range: DestinationRange) -> Bool {
                    range.addresses.contains(.v4(address)) && range.ports.contains(port)
                }
                #expect(disjoint.count(where: holds) == (ranges.contains(where: holds) ? 1 : 0))
            }
        }
    }

    @Test func closedRangesNeitherOverlapNorTouch() {
        for family in Ruleset.Family.allCases {
            let closed = AddressRange.nonPublic.map { $0.first...$0.last }
            let disjoint = ClosedRange.disjoint(closed, of: family)
            for (one, two) in zip(disjoint, disjoint.dropFirst()) {
                #expect(one.upperBound.next! < two.lowerBound)
            }
            for range in closed where range.lowerBound.family == family {
                #expect(
                    disjoint.contains {
                        $0.contains(range.lowerBound) && $0.contains(range.upperBound)
                    })
            }
        }
    }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}

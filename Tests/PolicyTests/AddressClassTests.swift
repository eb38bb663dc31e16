import Policy
import Testing

@Suite struct AddressClassTests {
    @Test(
        arguments: [
            ("8.8.8.8", .global), ("1.1.1.1", .global), ("223.255.255.255", .global),
            ("168.63.129.15", .global), ("2606:4700::1111", .global), ("2a00::", .global),
            ("2001:200::", .global), ("0.0.0.0", .unspecified), ("0.1.2.3", .unspecified),
            ("::", .unspecified), ("127.0.0.1", .loopback), ("127.255.255.255", .loopback),
            ("::1", .loopback), ("10.0.0.0", .privateUse), ("172.16.0.1", .privateUse),
            ("172.31.255.255", .privateUse), ("172.32.0.0", .global), ("192.168.1.1", .privateUse),
            ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal), ("febf::", .linkLocal),
            ("169.254.169.254", .metadata), ("169.254.170.2", .metadata),
            ("fd00:ec2::254", .metadata),
            ("100.100.100.200", .metadata), ("168.63.129.16", .metadata),
            ("192.0.0.192", .metadata),
            ("224.0.0.1", .multicast), ("239.255.255.255", .multicast), ("ff02::fb", .multicast),
            ("255.255.255.255", .broadcast), ("100.64.0.0", .carrierGradeNAT),
            ("100.127.255.255", .carrierGradeNAT), ("100.128.0.0", .global),
            ("198.18.0.1", .benchmarking), ("2001:2::1", .benchmarking),
            ("192.0.2.1", .documentation),
            ("198.51.100.1", .documentation), ("203.0.113.1", .documentation),
            ("2001:db8::1", .documentation), ("3fff::1", .documentation), ("240.0.0.1", .reserved),
            ("192.88.99.1", .reserved), ("192.0.0.9", .reserved), ("2001:1::1", .reserved),
            ("1::", .reserved), ("4000::", .reserved), ("fec0::1", .reserved),
            ("5f00::1", .reserved),
            ("::ffff:8.8.8.8", .v4Mapped), ("::8.8.8.8", .v4Mapped), ("64:ff9b::808:808", .nat64),
            ("64:ff9b:1::1", .nat64), ("2002:808:808::1", .sixToFour), ("2001::1", .teredo),
            ("fc00::1", .uniqueLocal), ("fdff::1", .uniqueLocal), ("100::1", .discardOnly),
        ] as [(String, AddressClass)])
    func classifies(text: String, expected: AddressClass) throws {
        let address = try Address(parsing: text)
        #expect(address.classification == expected)
        #expect(address.isPubliclyRoutable == (expected == .global))
    }

    /// The firewall's list, whole: a change here is a change of what the cage refuses.
    @Test func rangesThatTheFirewallRefuses() {
        #expect(
            AddressRange.nonPublic.map(\.description) == [
                "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16",
                "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
                "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/3", "2001::/23",
                "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1",
            ])
    }

    @Test func rangesAreDisjoint() {
        for (range, next) in zip(AddressRange.nonPublic, AddressRange.nonPublic.dropFirst()) {
            #expect(range.last < next.first)
        }
    }

    /// One source of truth: at and around every edge, both forms of the list agree.
    @Test func classificationAgreesWithTheRanges() {
        for range in AddressRange.nonPublic {
            for address in [range.first, range.last] + neighbours(of: range) {
                let isListed = AddressRange.nonPublic.contains { $0.contains(address) }
                #expect(address.isPubliclyRoutable == !isListed)
            }
        }
    }

    private func neighbours(of range: AddressRange) -> [Address] {
        switch (range.first, range.last) {
        case (.v4(let first), .v4(let last)): [.v4(first &- 1), .v4(last &+ 1)]
        case (.v6(let first, 0), .v6(let last, _)): [.v6(first &- 1, .max), .v6(last &+ 1, 0)]
        default: []
        }
    }
}

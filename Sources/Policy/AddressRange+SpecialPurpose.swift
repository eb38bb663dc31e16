extension AddressRange {
    /// A range, and what the registries set it aside for.
    struct SpecialPurpose: Sendable {
        let range: AddressRange
        let purpose: AddressClass
    }

    /// Every range that the Internet does not route to a stranger's machine: disjoint, sorted,
    /// IPv4 before IPv6. The firewall refuses exactly these, and the resolver filters them.
    public static let nonPublic: [AddressRange] =
        specialPurpose.map(\.range)
        .filter { range in
            !specialPurpose.contains { $0.range != range && $0.range.contains(range) }
        }
        .sorted { $0.first < $1.first }

    /// The registries' ranges, the narrower before the wider, so that the first match decides.
    ///
    /// Stricter than the registries in one way: an anycast service inside a block of special
    /// purpose (192.0.0.9, 2001:1::1) is not reachable either.
    static let specialPurpose: [SpecialPurpose] = [
        // Metadata services lie in ranges of other purposes, or, Azure's, among public addresses.
        v4(169, 254, 169, 254, 32, .metadata),  // EC2, GCE, Azure, DigitalOcean, Hetzner, …
        v4(169, 254, 170, 2, 32, .metadata),  // ECS task credentials
        v4(169, 254, 170, 23, 32, .metadata),  // EKS pod identity
        v4(169, 254, 0, 23, 32, .metadata),  // Tencent
        v4(100, 100, 100, 200, 32, .metadata),  // Alibaba
        v4(168, 63, 129, 16, 32, .metadata),  // Azure's wire server
        v4(192, 0, 0, 192, 32, .metadata),  // Oracle, first generation
        v6(0xFD00_0EC2_0000_0000, 0x254, 128, .metadata),  // EC2
        v6(0xFD00_0EC2_0000_0000, 0x23, 128, .metadata),  // EKS pod identity
        v6(0xFD20_00CE_0000_0000, 0x254, 128, .metadata),  // GCE
        v6(0xFD00_00C1_0000_0000, 0xA9FE_A9FE, 128, .metadata),  // Oracle
        v6(0xFE80_0000_0000_0000, 0xA9FE_A9FE, 128, .metadata),  // OpenStack

        v4(255, 255, 255, 255, 32, .broadcast),
        v4(0, 0, 0, 0, 8, .unspecified),
        v4(10, 0, 0, 0, 8, .privateUse),
        v4(100, 64, 0, 0, 10, .carrierGradeNAT),
        v4(127, 0, 0, 0, 8, .loopback),
        v4(169, 254, 0, 0, 16, .linkLocal),
        v4(172, 16, 0, 0, 12, .privateUse),
        v4(192, 0, 0, 0, 24, .reserved),  // IETF protocol assignments (RFC 6890)
        v4(192, 0, 2, 0, 24, .documentation),  // RFC 5737
        v4(192, 88, 99, 0, 24, .reserved),  // 6to4 relays, withdrawn (RFC 7526)
        v4(192, 168, 0, 0, 16, .privateUse),
        v4(198, 18, 0, 0, 15, .benchmarking),  // RFC 2544
        v4(198, 51, 100, 0, 24, .documentation),
        v4(203, 0, 113, 0, 24, .documentation),
        v4(224, 0, 0, 0, 4, .multicast),
        v4(240, 0, 0, 0, 4, .reserved),  // RFC 1112 §4

        v6(0, 0, 128, .unspecified),
        v6(0, 1, 128, .loopback),
        v6(0, 0xFFFF_0000_0000, 96, .v4Mapped),
        v6(0, 0, 96, .v4Mapped),  // IPv4-compatible, withdrawn
        v6(0x0064_FF9B_0000_0000, 0, 96, .nat64),
        v6(0x0064_FF9B_0001_0000, 0, 48, .nat64),
        v6(0x0100_0000_0000_0000, 0, 64, .discardOnly),
        v6(0x2001_0000_0000_0000, 0, 32, .teredo),
        v6(0x2001_0002_0000_0000, 0, 48, .benchmarking),  // RFC 5180
        v6(0x2001_0000_0000_0000, 0, 23, .reserved),  // IETF protocol assignments (RFC 2928)
        v6(0x2001_0DB8_0000_0000, 0, 32, .documentation),  // RFC 3849
        v6(0x2002_0000_0000_0000, 0, 16, .sixToFour),
        v6(0x3FFF_0000_0000_0000, 0, 20, .documentation),  // RFC 9637
        v6(0xFC00_0000_0000_0000, 0, 7, .uniqueLocal),
        v6(0xFE80_0000_0000_0000, 0, 10, .linkLocal),
        v6(0xFF00_0000_0000_0000, 0, 8, .multicast),
        // Global unicast is 2000::/3 (RFC 4291 §2.4, as IANA assigns it); the rest is not in use.
        v6(0x0000_0000_0000_0000, 0, 3, .reserved),
        v6(0x4000_0000_0000_0000, 0, 2, .reserved),
        v6(0x8000_0000_0000_0000, 0, 1, .reserved),
    ]

    /// Whether any of these ranges has addresses that begin with an octet: IPv4's 256, then IPv6's.
    static let specialOctets: [Bool] = (0..<512).map { index in
        let start: Address =
            index < 256 ? .v4(UInt32(index) << 24) : .v6(UInt64(index - 256) << 56, 0)
        let all = AddressRange(around: start, prefixLength: 8)
        return specialPurpose.contains { $0.range.overlaps(all) }
    }

    private static func v4(
        _ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32, _ prefixLength: Int,
        _ purpose: AddressClass
    ) -> SpecialPurpose {
        let address = Address.v4(first << 24 | second << 16 | third << 8 | fourth)
        return SpecialPurpose(
            range: AddressRange(around: address, prefixLength: prefixLength), purpose: purpose)
    }

    private static func v6(
        _ high: UInt64, _ low: UInt64, _ prefixLength: Int, _ purpose: AddressClass
    ) -> SpecialPurpose {
        SpecialPurpose(
            range: AddressRange(around: .v6(high, low), prefixLength: prefixLength),
            purpose: purpose)
    }
}

extension AddressRange {
    /// Widest range that a rule may name: a typing error must not open a whole family.
    static let shortestPrefix = (v4: 8, v6: 16)

    /// Why no rule may name this range; `nil` when one may.
    ///
    /// Private addresses open when a rule names them, and only then. So a range is either public or
    /// within one special purpose, and the metadata service opens only to a rule for it alone.
    var refusalAsRule: String? {
        let shortest = base.isIPv4 ? Self.shortestPrefix.v4 : Self.shortestPrefix.v6
        guard prefixLength >= shortest else {
            return "it would open everything, private addresses included: "
                + "the shortest prefix is /\(shortest)"
        }
        let around = Self.specialPurpose.first { $0.range.contains(self) }
        if let around, let refusal = refusal(within: around.purpose) { return refusal }
        let within = Self.specialPurpose.first { special in
            contains(special.range) && special.range != self
                && (around == nil || !special.purpose.mayBeWithinRule)
        }
        return within.map {
            "it covers \($0.range), \($0.purpose): name narrower ranges beside it"
        }
    }

    private func refusal(within purpose: AddressClass) -> String? {
        switch purpose {
        case .multicast, .broadcast, .unspecified:
            "\(purpose) addresses cannot be opened"
        case .v4Mapped:
            "no packet carries an IPv4-mapped address: name the IPv4 address"
        case .nat64, .sixToFour, .teredo:
            isSingleAddress
                ? nil : "it would open the IPv4 addresses inside: name single addresses"
        default: nil
        }
    }
}

extension AddressClass {
    /// Whether a wider range may open these addresses without naming them.
    fileprivate var mayBeWithinRule: Bool {
        switch self {
        case .metadata, .multicast, .broadcast, .unspecified: false
        default: !carriesIPv4
        }
    }
}

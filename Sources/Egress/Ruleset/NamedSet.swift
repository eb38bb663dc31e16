public import Policy

extension Ruleset {
    /// A set that rules look packets up in.
    public struct NamedSet: Equatable, Sendable {
        public var name: String
        public var family: Family
        public var content: Content

        public init(_ name: String, _ family: Family, _ content: Content) {
            self.name = name
            self.family = family
            self.content = content
        }

        public enum Content: Equatable, Sendable {
            /// Disjoint ranges of addresses in ascending order.
            case addresses([ClosedRange<Address>])
            /// Disjoint boxes of `address . protocol . port`.
            case endpoints([DestinationRange])
            /// `address . protocol . port`, each with a timeout; empty until names are resolved.
            case grants(limit: UInt32)
        }
    }
}

extension Address {
    var family: Ruleset.Family { isIPv4 ? .v4 : .v6 }
}

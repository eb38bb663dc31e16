/// A transport protocol that a rule opens; the raw value is its number in an IP header.
public enum Transport: UInt8, Hashable, Sendable, CustomStringConvertible {
    case tcp = 6
    case udp = 17

    /// As a rule writes it: `tcp`, `udp`.
    public var description: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        }
    }
}

/// What boot's own probes are refused: a name that nobody can register (RFC 2606 §2) and an address
/// for documentation (RFC 5737). A report leaves out the one time that is boot's.
public enum ProbeTarget {
    public static let name = "denied.invalid"
    /// Host order.
    public static let address: UInt32 = 0xcb00_7101
    public static let port: UInt16 = 443
}

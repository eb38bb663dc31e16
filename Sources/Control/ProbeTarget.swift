/// What the attacks of boot and `codetainer verify` are refused. Nobody else has a use for it, so a
/// report leaves it out.
public enum ProbeTarget {
    /// A name that nobody can register (RFC 2606 §2).
    public static let name = "denied.invalid"
    /// TEST-NET-2, for documentation (RFC 5737 §3), in host order.
    public static let address: UInt32 = 0xc633_6401
    /// 2001:db8::1, for documentation as well (RFC 3849), upper and lower half.
    public static let address6: (UInt64, UInt64) = (0x2001_0db8 << 32, 1)
    static let texts = ["198.51.100.1", "2001:db8::1"]
    /// Docker's own resolver on a user network, in host order. The packet filter keeps it to ours,
    /// whatever the allowlist says, so no rule opens it.
    public static let dockerResolver: UInt32 = 0x7f00_000b
    static let dockerResolverText = "127.0.0.11"
    /// tcpmux: on any address.
    public static let port: UInt16 = 1

    public static func covers(name: String) -> Bool {
        name == self.name || name.hasSuffix("." + self.name)
    }
}

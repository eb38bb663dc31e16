/// Where the kernel copies refused packets to.
public enum RefusalLog {
    /// Octets of each packet: an IPv6 header with an extension header and a transport's ports.
    static let snapLength: UInt32 = 64
}

/// A TCP or UDP flow that connection tracking knows, by where its first packet was sent.
///
/// That is before any NAT: a query that was redirected to the responder shows the server that the
/// client asked for.
public struct Flow: Hashable, Sendable {
    public var destination: Destination
    /// The kernel's number for the entry.
    var identity: UInt32
    /// The tuple as the kernel wrote it, to name the entry by.
    var tuple: [UInt8]
}

import Linux
import SystemPackage

/// A UDP and a TCP socket on one port of loopback.
struct LoopbackSockets: ~Copyable {
    let datagrams: OwnedDescriptor
    let listener: OwnedDescriptor
    let endpoint: Endpoint

    /// The kernel picks the UDP port; for TCP it may be taken, and then another is picked.
    static func open(backlog: CInt = 128) throws -> LoopbackSockets {
        var failure: SystemCallError?
        for _ in 0..<32 {
            let datagrams = try InternetSocket.datagrams(
                boundTo: Endpoint(.v4(0x7f00_0001), port: 0))
            let endpoint = try InternetSocket.local(of: datagrams.raw)
            do throws(SystemCallError) {
                let listener = try InternetSocket.listen(at: endpoint, backlog: backlog)
                return LoopbackSockets(
                    datagrams: datagrams, listener: listener, endpoint: endpoint)
            } catch {
                failure = error
            }
        }
        throw failure ?? SystemCallError("bind", "loopback", .addressInUse)
    }
}

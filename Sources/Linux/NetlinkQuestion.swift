import CLinux
import Glibc
import SystemPackage

/// One message to the kernel's routing tables and its answer (rtnetlink(7)).
public enum NetlinkQuestion {
    /// Asks about, or for a change of, the network interface `index`.
    ///
    /// ```
    /// struct nlmsghdr: length 32 | type | flags REQUEST, ACK | sequence 1 | port 0
    /// struct ifinfomsg: family, padding, type 0 | index | flags 0 | change 0
    /// ```
    ///
    /// - Parameter type: such as 17, `RTM_DELLINK`, or 18, `RTM_GETLINK`.
    /// - Throws: the kernel's answer, when that is an error.
    public static func link(_ type: UInt16, index: UInt32) throws(SystemCallError) {
        let socket = OwnedDescriptor(
            adopting: try checked(
                codetainer_socket(AF_NETLINK, CInt(SOCK_RAW.rawValue), 0), "socket", "netlink"))
        let words: [UInt32] = [32, UInt32(type) | 5 << 16, 1, 0, 0, index, 0, 0]
        let message = words.flatMap { word in unsafe withUnsafeBytes(of: word) { unsafe Array($0) }
        }
        if case .failed(let cause) = socket.send(message.span) {
            throw SystemCallError("send", "netlink", cause)
        }
        var answer = [UInt8](repeating: 0, count: 8192)
        // The kernel answers within the call.
        guard case .moved(let count) = socket.receive(into: &answer), count >= 20 else {
            throw SystemCallError("recv", "netlink", .timedOut)
        }
        let errorType: UInt32 = 2  // NLMSG_ERROR
        guard answer.unsigned32(at: 4) & 0xffff == errorType else { return }
        let code = CInt(bitPattern: answer.unsigned32(at: 16))
        guard code == 0 else {
            throw SystemCallError("netlink", "message \(type)", Errno(rawValue: -code))
        }
    }
}

import CMnl
public import Linux

/// Where the kernel copies packets to that were refused, or are the first of a flow: an NFLOG group of our network namespace.
public enum PacketLog {
    /// Octets of each packet: an IPv6 header, an extension header and a transport's ports.
    static let snapLength: UInt32 = 64
    /// The kernel sends what it has gathered after this many packets …
    private static let gathered: UInt32 = 32
    /// … or hundredths of a second.
    private static let patience: UInt32 = 10

    /// Octets that wait for a reader, at most; what comes then is lost.
    private static let unread: CInt = 256 * 1024

    /// Binds `group` and gives the descriptor that its packets arrive at, not blocking.
    ///
    /// Binding needs CAP_NET_ADMIN, reading nothing: the descriptor may be handed to whoever shall
    /// parse the packets. When it is closed, the kernel stops copying. Packets that nobody reads in
    /// time are lost; `LoggedPacket.sequence` shows how many, and so does the table's counter.
    ///
    /// - Parameter group: the plan's `logGroup`. It has one reader; a second one is not permitted,
    ///   in the same words as without the capability.
    public static func open(group: UInt16) throws(NetlinkError) -> OwnedDescriptor {
        var socket = try NetfilterSocket()
        try socket.request(
            "bind NFLOG group \(group)",
            type: UInt16(NFNL_SUBSYS_ULOG) << 8 | UInt16(NFULNL_MSG_CONFIG.rawValue), family: 0,
            resource: group
        ) { message in
            // struct nfulnl_msg_config_cmd, struct nfulnl_msg_config_mode.
            message.put(NFULA_CFG_CMD.rawValue, [UInt8(NFULNL_CFG_CMD_BIND.rawValue)])
            message.put(
                NFULA_CFG_MODE.rawValue, snapLength.network + [UInt8(NFULNL_COPY_PACKET), 0])
            message.put(NFULA_CFG_QTHRESH.rawValue, number: gathered)
            message.put(NFULA_CFG_TIMEOUT.rawValue, number: patience)
            message.put(NFULA_CFG_FLAGS.rawValue, number: UInt16(NFULNL_CFG_F_SEQ))
        }
        return try socket.surrender(keepingAtMost: unread)
    }
}

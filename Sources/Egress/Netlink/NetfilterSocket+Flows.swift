import CMnl
import Policy

extension NetfilterSocket {
    /// The TCP and UDP flows of the network namespace, from inside and from outside.
    ///
    /// - SeeAlso: conntrack(8), `conntrack -L`
    public mutating func flows() throws(NetlinkError) -> [Flow] {
        try list(
            Listing(
                action: "list flows", type: ConntrackMessage.type(IPCTNL_MSG_CT_GET), family: 0)
        ) { message, flows throws(NetlinkFormatError) in
            if let flow = try Flow(try message.attributes()) { flows.append(flow) }
        }
    }

    /// Forgets flows, so that their next packet is judged as the first of a new one: with its
    /// destination revoked, a connection ends with a reset.
    ///
    /// - Returns: how many flows were cut.
    @discardableResult
    public mutating func closeFlows(
        where isClosed: (Flow) -> Bool
    ) throws(NetlinkError) -> Int {
        var count = 0
        for flow in try flows() where isClosed(flow) {
            do throws(NetlinkError) {
                try close(flow)
                count += 1
            } catch {
                // It ended by itself in the meantime.
                guard error.kind == .absent else { throw error }
            }
        }
        return count
    }

    /// Forgets the flows to these destinations.
    @discardableResult
    public mutating func closeFlows(
        to destinations: some Sequence<Destination>
    ) throws(NetlinkError) -> Int {
        let closed = Set(destinations)
        return try closeFlows { closed.contains($0.destination) }
    }

    private mutating func close(_ flow: Flow) throws(NetlinkError) {
        try request(
            "cut the flow to \(flow.destination)",
            type: ConntrackMessage.type(IPCTNL_MSG_CT_DELETE),
            family: flow.destination.address.family.number
        ) { message in
            message.put(CTA_TUPLE_ORIG.rawValue | UInt32(NLA_F_NESTED), flow.tuple)
            message.put(CTA_ID.rawValue, number: flow.identity)
        }
    }
}

private enum ConntrackMessage {
    static func type(_ message: cntl_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | UInt16(message.rawValue)
    }
}

extension Flow {
    /// nil for what is neither TCP nor UDP.
    init?(_ entry: borrowing NetlinkAttributes) throws(NetlinkFormatError) {
        guard let tuple = try entry.first(CTA_TUPLE_ORIG.rawValue),
            let identity: UInt32 = try entry.first(CTA_ID.rawValue)?.number(),
            let addresses = try tuple.nested.first(CTA_TUPLE_IP.rawValue),
            let ports = try tuple.nested.first(CTA_TUPLE_PROTO.rawValue),
            let number: UInt8 = try ports.nested.first(CTA_PROTO_NUM.rawValue)?.number(),
            let transport = Transport(rawValue: number),
            let port: UInt16 = try ports.nested.first(CTA_PROTO_DST_PORT.rawValue)?.number(),
            let address = try Self.destination(addresses.nested)
        else { return nil }
        self.init(
            destination: Destination(address, transport, port), identity: identity,
            tuple: tuple.bytes)
    }

    private static func destination(
        _ addresses: borrowing NetlinkAttributes
    ) throws(NetlinkFormatError) -> Address? {
        if let address = try addresses.first(CTA_IP_V4_DST.rawValue) {
            return address.value.count == 4 ? Address(bytes: address.value) : nil
        }
        if let address = try addresses.first(CTA_IP_V6_DST.rawValue) {
            return address.value.count == 16 ? Address(bytes: address.value) : nil
        }
        return nil
    }
}

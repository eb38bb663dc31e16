import Policy

@testable import Egress

/// A datagram of netlink messages, each read as everything that this program asks the kernel for;
/// and as it stands, as the packets of the log.
enum NetlinkFuzzing {
    static func run(_ octets: Span<UInt8>) {
        _ = LoggedPacket.packets(in: octets)
        _ = PacketHeader(octets)
        _ = UserData.comment(in: octets)
        var messages = NetlinkMessages(octets)
        while let message = try? messages.next() {
            _ = try? NetlinkVerdict(message)
            _ = try? TableState.ChainState(message, of: EgressPlan.table)
            guard let attributes = try? message.attributes() else { continue }
            _ = try? TableState.RuleState(attributes)
            _ = try? Flow(attributes)
            _ = try? LiveGrant(attributes)
            _ = try? readElements(attributes)
        }
    }

    /// As `NetfilterSocket.grants()` does.
    private static func readElements(
        _ attributes: borrowing NetlinkAttributes
    ) throws(NetlinkFormatError) {
        // NFTA_SET_ELEM_LIST_ELEMENTS (linux/netfilter/nf_tables.h).
        guard let list = try attributes.first(3) else { return }
        var elements = list.nested
        while let element = try elements.next() { _ = try LiveGrant(element.nested) }
    }
}

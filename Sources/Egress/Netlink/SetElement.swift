import CNftnl
import Policy

/// An element of a set as nf_tables keeps it: a key, for a range the key it ends with, a timeout.
struct SetElement: Equatable {
    var key: [UInt8]
    var lastKey: [UInt8]?
    /// Marks the first key *behind* a range, in a set of plain ranges.
    var endsInterval = false
    /// Milliseconds.
    var timeout: UInt64?
    /// Milliseconds left; without it the kernel takes the timeout.
    var expiration: UInt64?
    /// What `nft list` shows beside it.
    var comment = ""

    /// A range of plain addresses: where it begins, and where the gap behind it begins.
    static func interval(_ range: ClosedRange<Address>) -> [SetElement] {
        let start = SetElement(key: range.lowerBound.bytes)
        guard let behind = range.upperBound.next else { return [start] }
        return [start, SetElement(key: behind.bytes, endsInterval: true)]
    }

    /// A box of concatenated ranges: its lowest and its highest corner.
    static func box(_ box: DestinationRange) -> SetElement {
        SetElement(
            key: key(box.addresses.lowerBound, box.transport, box.ports.lowerBound),
            lastKey: key(box.addresses.upperBound, box.transport, box.ports.upperBound))
    }

    /// The fields side by side, each padded to a register's four octets.
    static func key(_ address: Address, _ transport: Transport, _ port: UInt16) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(24)
        address.append(to: &key)
        key.append(transport.rawValue)
        for _ in 0..<3 { key.append(0) }
        key.append(UInt8(truncatingIfNeeded: port >> 8))
        key.append(UInt8(truncatingIfNeeded: port))
        for _ in 0..<2 { key.append(0) }
        return key
    }

    static func key(_ endpoint: Destination) -> [UInt8] {
        key(endpoint.address, endpoint.transport, endpoint.port)
    }

    /// Octets that `write` takes at most.
    var encodedLength: Int {
        let attribute = 4
        let number = attribute + 8
        let keys = (2 * attribute + key.count) * (lastKey == nil ? 1 : 2)
        let userData = comment.isEmpty ? 0 : attribute + UserData.longest
        return attribute + number + keys + 2 * number + userData
    }

    func write(to message: borrowing MessageWriter) {
        message.nest(NFTA_LIST_ELEM.rawValue) {
            if endsInterval {
                message.put(
                    NFTA_SET_ELEM_FLAGS.rawValue, number: NFT_SET_ELEM_INTERVAL_END.rawValue)
            }
            Self.put(key, as: NFTA_SET_ELEM_KEY, to: message)
            if let lastKey { Self.put(lastKey, as: NFTA_SET_ELEM_KEY_END, to: message) }
            if let timeout { message.put(NFTA_SET_ELEM_TIMEOUT.rawValue, number: timeout) }
            if let expiration {
                message.put(NFTA_SET_ELEM_EXPIRATION.rawValue, number: expiration)
            }
            if !comment.isEmpty {
                message.put(NFTA_SET_ELEM_USERDATA.rawValue, UserData.comment(comment))
            }
        }
    }

    private static func put(
        _ key: [UInt8], as type: nft_set_elem_attributes, to message: borrowing MessageWriter
    ) {
        message.nest(type.rawValue) { message.put(NFTA_DATA_VALUE.rawValue, key) }
    }
}

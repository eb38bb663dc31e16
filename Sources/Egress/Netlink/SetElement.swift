import CNftnl
import Policy

/// What a set is told to take, or to give up.
protocol SetMember {
    /// Octets that `write` takes at most.
    var encodedLength: Int { get }

    func write(to message: borrowing MessageWriter)
}

/// An element of a set as nf_tables keeps it: a key, and for a range the key it ends with.
struct SetElement: Equatable, SetMember {
    var key: [UInt8]
    var lastKey: [UInt8]?
    /// Marks the first key *behind* a range, in a set of plain ranges.
    var endsInterval = false

    /// A range of plain addresses: where it begins, and where the gap behind it begins.
    static func interval(_ range: ClosedRange<Address>) -> [SetElement] {
        let start = SetElement(key: range.lowerBound.bytes)
        guard let behind = range.upperBound.next else { return [start] }
        return [start, SetElement(key: behind.bytes, endsInterval: true)]
    }

    /// A box of concatenated ranges: its lowest and its highest corner.
    static func box(_ box: DestinationRange) -> SetElement {
        SetElement(
            key: key(Destination(box.addresses.lowerBound, box.transport, box.ports.lowerBound)),
            lastKey: key(Destination(box.addresses.upperBound, box.transport, box.ports.upperBound))
        )
    }

    static func key(_ destination: Destination) -> [UInt8] {
        let key = DestinationKey(destination)
        return (0..<key.count).map { key.octets[$0] }
    }

    var encodedLength: Int {
        let attribute = 4
        let keys = (2 * attribute + key.count) * (lastKey == nil ? 1 : 2)
        return 2 * attribute + 4 + keys
    }

    func write(to message: borrowing MessageWriter) {
        message.nest(NFTA_LIST_ELEM.rawValue) {
            if endsInterval {
                message.put(
                    NFTA_SET_ELEM_FLAGS.rawValue, number: NFT_SET_ELEM_INTERVAL_END.rawValue)
            }
            message.put(NFTA_SET_ELEM_KEY, key: key.span)
            if let lastKey { message.put(NFTA_SET_ELEM_KEY_END, key: lastKey.span) }
        }
    }
}

/// A destination as a set's key: the fields side by side, each padded to a register's four octets.
struct DestinationKey {
    private(set) var octets = InlineArray<24, UInt8>(repeating: 0)
    /// Of `octets`, so many are in use: 12 or 24.
    let count: Int

    init(_ destination: Destination) {
        var place = 0
        switch destination.address {
        case .v4(let bits):
            Self.put(bits, in: &octets, at: &place)
        case .v6(let high, let low):
            Self.put(high, in: &octets, at: &place)
            Self.put(low, in: &octets, at: &place)
        }
        octets[place] = destination.transport.rawValue
        octets[place + 4] = UInt8(truncatingIfNeeded: destination.port >> 8)
        octets[place + 5] = UInt8(truncatingIfNeeded: destination.port)
        count = place + 8
    }

    /// In network order.
    private static func put<Number: FixedWidthInteger>(
        _ number: Number, in octets: inout InlineArray<24, UInt8>, at place: inout Int
    ) {
        var shift = Number.bitWidth
        while shift > 0 {
            shift -= 8
            octets[place] = UInt8(truncatingIfNeeded: number >> shift)
            place += 1
        }
    }
}

/// In its set a grant is a destination that has a timeout and says whose it is.
extension Grant: SetMember {
    var encodedLength: Int {
        let attribute = 4
        let number = attribute + 8
        return attribute + (2 * attribute + 24) + 2 * number + attribute + 2 + UserData.longest
    }

    func write(to message: borrowing MessageWriter) {
        let key = DestinationKey(destination)
        let milliseconds = max(1, UInt64(seconds)) * 1000
        message.nest(NFTA_LIST_ELEM.rawValue) {
            message.put(NFTA_SET_ELEM_KEY, key: key.octets.span.extracting(first: key.count))
            message.put(NFTA_SET_ELEM_TIMEOUT.rawValue, number: milliseconds)
            // Of one that is there already, what is left starts anew (see `Renewal`).
            message.put(NFTA_SET_ELEM_EXPIRATION.rawValue, number: milliseconds)
            if !name.isEmpty {
                message.put(NFTA_SET_ELEM_USERDATA.rawValue, UserData.Comment(name).bytes)
            }
        }
    }
}

extension MessageWriter {
    fileprivate func put(_ type: nft_set_elem_attributes, key: Span<UInt8>) {
        nest(type.rawValue) { put(NFTA_DATA_VALUE.rawValue, key) }
    }
}

import CNftnl

/// One instruction of a rule as the kernel executes it, in libnftnl's terms: a name and the values
/// of its `NFTNL_EXPR_*` attributes.
struct Expression: Equatable {
    let name: String
    let fields: [Field]

    init(_ name: String, _ fields: Field...) {
        self.name = name
        self.fields = fields
    }

    struct Field: Equatable {
        let attribute: UInt16
        let value: Value

        init(_ attribute: Int, _ value: Value) {
            self.attribute = UInt16(attribute)
            self.value = value
        }
    }

    enum Value: Equatable {
        case octet(UInt8)
        case number(UInt32)
        case long(UInt64)
        case bytes([UInt8])
        case text(String)
    }

    /// One of the kernel's 16 registers of four octets; a longer value takes those that follow.
    struct Register: Equatable {
        let number: UInt32

        static let first = Register(0)
        init(_ index: UInt32) { number = NFT_REG32_00.rawValue + index }
    }
}

// The instructions that the plan needs; the comments of linux/netfilter/nf_tables.h are their
// reference.
extension Expression {
    static func meta(_ key: nft_meta_keys, to register: Register = .first) -> Expression {
        Expression(
            "meta",
            Field(NFTNL_EXPR_META_KEY, .number(key.rawValue)),
            Field(NFTNL_EXPR_META_DREG, .number(register.number)))
    }

    static func payload(
        _ base: nft_payload_bases, offset: UInt32, length: UInt32, to register: Register = .first
    ) -> Expression {
        Expression(
            "payload",
            Field(NFTNL_EXPR_PAYLOAD_DREG, .number(register.number)),
            Field(NFTNL_EXPR_PAYLOAD_BASE, .number(base.rawValue)),
            Field(NFTNL_EXPR_PAYLOAD_OFFSET, .number(offset)),
            Field(NFTNL_EXPR_PAYLOAD_LEN, .number(length)))
    }

    static func connection(
        _ key: nft_ct_keys, ofOriginal: Bool = false
    ) -> Expression {
        let fields = [
            Field(NFTNL_EXPR_CT_KEY, .number(key.rawValue)),
            Field(NFTNL_EXPR_CT_DREG, .number(Register.first.number)),
        ]
        // IP_CT_DIR_ORIGINAL is 0.
        let direction = ofOriginal ? [Field(NFTNL_EXPR_CT_DIR, .octet(0))] : []
        return Expression(name: "ct", fields: fields + direction)
    }

    /// What the flow has under `key` is what `register` holds.
    static func connectionBecomes(_ key: nft_ct_keys, _ register: Register) -> Expression {
        Expression(
            "ct",
            Field(NFTNL_EXPR_CT_KEY, .number(key.rawValue)),
            Field(NFTNL_EXPR_CT_SREG, .number(register.number)))
    }

    static func hasRoutingHeader() -> Expression {
        Expression(
            "exthdr",
            Field(NFTNL_EXPR_EXTHDR_DREG, .number(Register.first.number)),
            // IPPROTO_ROUTING (RFC 8200 §4.4).
            Field(NFTNL_EXPR_EXTHDR_TYPE, .octet(43)),
            Field(NFTNL_EXPR_EXTHDR_OFFSET, .number(0)),
            Field(NFTNL_EXPR_EXTHDR_LEN, .number(1)),
            Field(NFTNL_EXPR_EXTHDR_OP, .number(NFT_EXTHDR_OP_IPV6.rawValue)),
            Field(NFTNL_EXPR_EXTHDR_FLAGS, .number(NFT_EXTHDR_F_PRESENT.rawValue)))
    }

    /// What the routing tables call an address: 2, RTN_LOCAL, is one of ours (rtnetlink(7)).
    static func addressType(_ end: nft_fib_flags) -> Expression {
        Expression(
            "fib",
            Field(NFTNL_EXPR_FIB_DREG, .number(Register.first.number)),
            Field(NFTNL_EXPR_FIB_RESULT, .number(NFT_FIB_RESULT_ADDRTYPE.rawValue)),
            Field(NFTNL_EXPR_FIB_FLAGS, .number(end.rawValue)))
    }

    static func masked(by mask: [UInt8]) -> Expression {
        Expression(
            "bitwise",
            Field(NFTNL_EXPR_BITWISE_SREG, .number(Register.first.number)),
            Field(NFTNL_EXPR_BITWISE_DREG, .number(Register.first.number)),
            Field(NFTNL_EXPR_BITWISE_LEN, .number(UInt32(mask.count))),
            Field(NFTNL_EXPR_BITWISE_MASK, .bytes(mask)),
            Field(NFTNL_EXPR_BITWISE_XOR, .bytes(mask.map { _ in 0 })))
    }

    static func compare(_ operation: nft_cmp_ops, _ value: [UInt8]) -> Expression {
        Expression(
            "cmp",
            Field(NFTNL_EXPR_CMP_SREG, .number(Register.first.number)),
            Field(NFTNL_EXPR_CMP_OP, .number(operation.rawValue)),
            Field(NFTNL_EXPR_CMP_DATA, .bytes(value)))
    }

    static func equal(_ value: [UInt8]) -> Expression { compare(NFT_CMP_EQ, value) }
    static func different(from value: [UInt8]) -> Expression { compare(NFT_CMP_NEQ, value) }

    /// One comparison for one value, two for a range; in network order, as the kernel compares.
    static func within(_ first: [UInt8], _ last: [UInt8]) -> [Expression] {
        first == last
            ? [equal(first)] : [compare(NFT_CMP_GTE, first), compare(NFT_CMP_LTE, last)]
    }

    static func lookup(_ set: String) -> Expression {
        Expression(
            "lookup",
            Field(NFTNL_EXPR_LOOKUP_SREG, .number(Register.first.number)),
            Field(NFTNL_EXPR_LOOKUP_SET, .text(set)))
    }

    static func immediate(_ value: [UInt8], to register: Register) -> Expression {
        Expression(
            "immediate",
            Field(NFTNL_EXPR_IMM_DREG, .number(register.number)),
            Field(NFTNL_EXPR_IMM_DATA, .bytes(value)))
    }

    static func verdict(_ code: Int32, chain: String? = nil) -> Expression {
        let fields = [
            Field(NFTNL_EXPR_IMM_DREG, .number(NFT_REG_VERDICT.rawValue)),
            Field(NFTNL_EXPR_IMM_VERDICT, .number(UInt32(bitPattern: code))),
        ]
        let target = chain.map { [Field(NFTNL_EXPR_IMM_CHAIN, .text($0))] } ?? []
        return Expression(name: "immediate", fields: fields + target)
    }

    static func reject(_ type: nft_reject_types, code: UInt8) -> Expression {
        Expression(
            "reject",
            Field(NFTNL_EXPR_REJECT_TYPE, .number(type.rawValue)),
            Field(NFTNL_EXPR_REJECT_CODE, .octet(code)))
    }

    private init(name: String, fields: [Field]) {
        self.name = name
        self.fields = fields
    }
}

extension FixedWidthInteger {
    /// The octets in network order.
    var network: [UInt8] { octets(of: bigEndian) }
    /// The octets as the CPU has them: what the kernel keeps its own numbers (uid, flags) in.
    var host: [UInt8] { octets(of: self) }

    private func octets(of value: Self) -> [UInt8] {
        (0..<Self.bitWidth / 8).map { position in
            #if _endian(little)
                UInt8(truncatingIfNeeded: value >> Self(8 * position))
            #else
                UInt8(truncatingIfNeeded: value >> Self(Self.bitWidth - 8 - 8 * position))
            #endif
        }
    }
}

import CNftnl

// libnftnl's objects, each with one owner. Its allocators return NULL only without memory.

/// A set without its elements.
@safe
struct SetDescription: ~Copyable {
    private let raw: OpaquePointer

    init(_ set: NamedSet, _ table: String) {
        unsafe raw = nftnl_set_alloc()!
        unsafe nftnl_set_set_str(raw, UInt16(NFTNL_SET_TABLE.rawValue), table)
        unsafe nftnl_set_set_str(raw, UInt16(NFTNL_SET_NAME.rawValue), set.name)
        // The kernel refuses a set without a number; it means something within a transaction only.
        put(NFTNL_SET_ID, 1)
        put(NFTNL_SET_KEY_TYPE, set.keyType)
        put(NFTNL_SET_KEY_LEN, set.keyLength)
        switch set.content {
        case .addresses: put(NFTNL_SET_FLAGS, UInt32(NFT_SET_INTERVAL.rawValue))
        case .endpoints:
            put(NFTNL_SET_FLAGS, NFT_SET_INTERVAL.rawValue | NFT_SET_CONCAT.rawValue)
            let lengths = [UInt8(set.family.addressLength), 1, 2]
            unsafe nftnl_set_set_data(
                raw, UInt16(NFTNL_SET_DESC_CONCAT.rawValue), lengths, UInt32(lengths.count))
        case .grants(let limit):
            put(NFTNL_SET_FLAGS, NFT_SET_TIMEOUT.rawValue)
            put(NFTNL_SET_DESC_SIZE, limit)
        }
    }

    deinit { unsafe nftnl_set_free(raw) }

    func write(to message: borrowing MessageWriter) {
        unsafe nftnl_set_nlmsg_build_payload(message.raw, raw)
    }

    private func put(_ attribute: nftnl_set_attr, _ value: UInt32) {
        unsafe nftnl_set_set_u32(raw, UInt16(attribute.rawValue), value)
    }
}

extension Ruleset.NamedSet {
    /// Only nft(8) reads this, to print keys as what they are: its numbers for the types ipv4_addr,
    /// ipv6_addr, inet_proto and inet_service, six bits each (nftables, include/datatype.h).
    fileprivate var keyType: UInt32 {
        let address: UInt32 = family == .v4 ? 7 : 8
        return isConcatenated ? address << 12 | 12 << 6 | 13 : address
    }

    fileprivate var keyLength: UInt32 {
        UInt32(family.addressLength + (isConcatenated ? 8 : 0))
    }

    private var isConcatenated: Bool {
        if case .addresses = content { false } else { true }
    }
}

@safe
struct ChainDescription: ~Copyable {
    private let raw: OpaquePointer

    init(_ chain: Chain, _ table: String) {
        unsafe raw = nftnl_chain_alloc()!
        unsafe nftnl_chain_set_str(raw, UInt16(NFTNL_CHAIN_TABLE.rawValue), table)
        unsafe nftnl_chain_set_str(raw, UInt16(NFTNL_CHAIN_NAME.rawValue), chain.name)
        guard let base = chain.base else { return }
        unsafe nftnl_chain_set_str(raw, UInt16(NFTNL_CHAIN_TYPE.rawValue), base.kind.rawValue)
        put(NFTNL_CHAIN_HOOKNUM, base.hook.rawValue)
        unsafe nftnl_chain_set_s32(raw, UInt16(NFTNL_CHAIN_PRIO.rawValue), base.priority)
        put(NFTNL_CHAIN_POLICY, base.policy.rawValue)
    }

    deinit { unsafe nftnl_chain_free(raw) }

    func write(to message: borrowing MessageWriter) {
        unsafe nftnl_chain_nlmsg_build_payload(message.raw, raw)
    }

    private func put(_ attribute: nftnl_chain_attr, _ value: UInt32) {
        unsafe nftnl_chain_set_u32(raw, UInt16(attribute.rawValue), value)
    }
}

@safe
struct RuleDescription: ~Copyable {
    private let raw: OpaquePointer

    init(_ rule: Rule, _ chain: String, _ table: String) {
        unsafe raw = nftnl_rule_alloc()!
        unsafe nftnl_rule_set_str(raw, UInt16(NFTNL_RULE_TABLE.rawValue), table)
        unsafe nftnl_rule_set_str(raw, UInt16(NFTNL_RULE_CHAIN.rawValue), chain)
        let reason = UserData.Comment(rule.reason)
        unsafe reason.bytes.withUnsafeBufferPointer { userData in
            _ = unsafe nftnl_rule_set_data(
                raw, UInt16(NFTNL_RULE_USERDATA.rawValue), userData.baseAddress,
                UInt32(userData.count))
        }
        for expression in rule.expressions { add(expression) }
    }

    deinit { unsafe nftnl_rule_free(raw) }

    func write(to message: borrowing MessageWriter) {
        unsafe nftnl_rule_nlmsg_build_payload(message.raw, raw)
    }

    private func add(_ expression: Expression) {
        let instruction = unsafe nftnl_expr_alloc(expression.name)!
        for field in expression.fields {
            switch field.value {
            case .octet(let value): unsafe nftnl_expr_set_u8(instruction, field.attribute, value)
            case .number(let value): unsafe nftnl_expr_set_u32(instruction, field.attribute, value)
            case .long(let value): unsafe nftnl_expr_set_u64(instruction, field.attribute, value)
            case .text(let value): unsafe nftnl_expr_set_str(instruction, field.attribute, value)
            case .bytes(let value):
                unsafe nftnl_expr_set(instruction, field.attribute, value, UInt32(value.count))
            }
        }
        unsafe nftnl_rule_add_expr(raw, instruction)
    }
}

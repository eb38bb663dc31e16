import CMnl
import CNftnl
import Policy

/// Changes that the kernel makes together or not at all: messages between a "begin" and an "end".
struct Transaction: ~Copyable {
    /// Octets of elements per message: the length of the attribute around them is 16 bits.
    private static let elementsPerMessage = 60_000

    private(set) var buffer = MessageBuffer()
    /// What each message does, for the error that names it; the first is the "begin".
    private(set) var steps: [Step] = []
    private(set) var firstSequence: UInt32 = 0

    enum Step {
        case begin
        case replaceTable(String)
        case addSet(String)
        case addElements(String)
        case deleteElements(String)
        case addChain(String)
        case addRule(String, Int)
    }

    /// Starts anew; message numbers count up from `sequence`, wrapping.
    mutating func begin(_ sequence: UInt32) {
        buffer.removeAll()
        steps.removeAll(keepingCapacity: true)
        firstSequence = sequence
        steps.append(.begin)
        buffer.append(
            type: UInt16(NFNL_MSG_BATCH_BEGIN), family: 0, resource: UInt16(NFNL_SUBSYS_NFTABLES),
            flags: 0, sequence: sequence)
    }

    /// The sequence number of the last change.
    var lastSequence: UInt32 { firstSequence &+ UInt32(steps.count - 1) }

    /// - Parameter isAcknowledged: whether the kernel answers the last change when it succeeds.
    mutating func end(isAcknowledged: Bool) {
        if isAcknowledged { buffer.acknowledgeLast() }
        buffer.append(
            type: UInt16(NFNL_MSG_BATCH_END), family: 0, resource: UInt16(NFNL_SUBSYS_NFTABLES),
            flags: 0, sequence: lastSequence &+ 1)
    }

    /// Puts one request in the place of a transaction.
    mutating func ask(
        type: UInt16, family: UInt8, resource: UInt16 = 0, flags: Int32,
        _ write: (borrowing MessageWriter) -> Void
    ) {
        buffer.removeAll()
        buffer.append(
            type: type, family: family, resource: resource, flags: flags, sequence: firstSequence,
            write)
    }

    private mutating func append(
        _ step: Step, _ type: nf_tables_msg_types, flags: Int32,
        _ write: (borrowing MessageWriter) -> Void
    ) {
        steps.append(step)
        buffer.append(
            type: NFTablesMessage.type(type), family: NFTablesMessage.inet, flags: flags,
            sequence: lastSequence, write)
    }

    // MARK: - The table

    /// Puts `ruleset` in the place of its table.
    ///
    /// - Parameter isThere: whether there is a table to delete; when that is wrong, the transaction
    ///   fails.
    mutating func replace(with ruleset: Ruleset, isThere: Bool) {
        if isThere { table(ruleset.table, NFT_MSG_DELTABLE, 0) }
        // Without NLM_F_EXCL the rules would be added to those of a table that is there.
        table(ruleset.table, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL)
        for set in ruleset.sets { add(set, to: ruleset.table) }
        for chain in ruleset.chains { add(chain, to: ruleset.table) }
        for chain in ruleset.chains {
            for (index, rule) in chain.rules.enumerated() {
                add(rule, to: chain.name, of: ruleset.table, number: index + 1)
            }
        }
    }

    private mutating func table(_ name: String, _ type: nf_tables_msg_types, _ flags: Int32) {
        append(.replaceTable(name), type, flags: flags) { message in
            message.put(NFTA_TABLE_NAME.rawValue, text: name)
        }
    }

    private mutating func add(_ set: NamedSet, to table: String) {
        append(.addSet(set.name), NFT_MSG_NEWSET, flags: NLM_F_CREATE) { message in
            SetDescription(set, table).write(to: message)
        }
        switch set.content {
        case .grants: break
        case .addresses(let ranges):
            put(ranges.flatMap(SetElement.interval), in: set.name, of: table)
        case .endpoints(let boxes):
            put(boxes.map(SetElement.box), in: set.name, of: table)
        }
    }

    private mutating func add(_ chain: Chain, to table: String) {
        append(.addChain(chain.name), NFT_MSG_NEWCHAIN, flags: NLM_F_CREATE) { message in
            ChainDescription(chain, table).write(to: message)
        }
    }

    private mutating func add(
        _ rule: Rule, to chain: String, of table: String, number: Int
    ) {
        append(
            .addRule(chain, number), NFT_MSG_NEWRULE, flags: NLM_F_CREATE | NLM_F_APPEND
        ) { message in
            RuleDescription(rule, chain, table).write(to: message)
        }
    }

    // MARK: - Elements

    mutating func put(_ elements: [some SetMember], in set: String, of table: String) {
        write(elements[...], .addElements(set), NFT_MSG_NEWSETELEM, NLM_F_CREATE, set, table)
    }

    mutating func delete(_ elements: [some SetMember], from set: String, of table: String) {
        write(elements[...], .deleteElements(set), NFT_MSG_DELSETELEM, 0, set, table)
    }

    /// Deletes all elements.
    mutating func flush(_ set: String, of table: String) {
        append(.deleteElements(set), NFT_MSG_DELSETELEM, flags: 0) { message in
            message.put(NFTA_SET_ELEM_LIST_TABLE.rawValue, text: table)
            message.put(NFTA_SET_ELEM_LIST_SET.rawValue, text: set)
        }
    }

    private mutating func write(
        _ elements: ArraySlice<some SetMember>, _ step: Step, _ type: nf_tables_msg_types,
        _ flags: Int32, _ set: String, _ table: String
    ) {
        var rest = elements
        while !rest.isEmpty {
            var room = Self.elementsPerMessage
            let chunk = rest.prefix { element in
                room -= element.encodedLength
                return room >= 0
            }
            rest = rest.dropFirst(chunk.count)
            append(step, type, flags: flags) { message in
                message.put(NFTA_SET_ELEM_LIST_TABLE.rawValue, text: table)
                message.put(NFTA_SET_ELEM_LIST_SET.rawValue, text: set)
                message.nest(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) {
                    for element in chunk { element.write(to: message) }
                }
            }
        }
    }
}

extension Transaction.Step: CustomStringConvertible {
    var description: String {
        switch self {
        case .begin: "change the packet filter"
        case .replaceTable(let name): "replace table \(name)"
        case .addSet(let name): "add set \(name)"
        case .addElements(let set): "add to set \(set)"
        case .deleteElements(let set): "delete from set \(set)"
        case .addChain(let name): "add chain \(name)"
        case .addRule(let chain, let number): "add rule \(number) of chain \(chain)"
        }
    }
}

/// The numbers of nf_tables messages.
enum NFTablesMessage {
    /// NFPROTO_INET of linux/netfilter.h.
    static let inet: UInt8 = 1

    static func type(_ message: nf_tables_msg_types) -> UInt16 {
        UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(message.rawValue)
    }
}

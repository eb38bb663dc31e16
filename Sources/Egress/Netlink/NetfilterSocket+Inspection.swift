import CNftnl
import Policy

extension NetfilterSocket {
    /// Our table as the kernel holds it now; nil when it is not there.
    public mutating func table() throws(NetlinkError) -> TableState? {
        let table = EgressPlan.table
        var chains: [TableState.ChainState] = try list(
            Listing(
                action: "list chains", type: NFTablesMessage.type(NFT_MSG_GETCHAIN),
                family: NFTablesMessage.inet)
        ) { message, chains throws(NetlinkFormatError) in
            if let chain = try TableState.ChainState(message, of: table) { chains.append(chain) }
        }
        guard !chains.isEmpty else { return nil }

        let rules: [(chain: String, rule: TableState.RuleState)] = try list(
            Listing(
                action: "list rules", type: NFTablesMessage.type(NFT_MSG_GETRULE),
                family: NFTablesMessage.inet, names: [(NFTA_RULE_TABLE.rawValue, table)])
        ) { message, rules throws(NetlinkFormatError) in
            let attributes = try message.attributes()
            guard try attributes.text(NFTA_RULE_TABLE.rawValue) == table,
                let chain = try attributes.text(NFTA_RULE_CHAIN.rawValue)
            else { return }
            rules.append((chain, try TableState.RuleState(attributes)))
        }
        for index in chains.indices {
            chains[index].rules = rules.filter { $0.chain == chains[index].name }.map(\.rule)
        }
        return TableState(chains: chains)
    }

    /// What is granted now, both families; the kernel forgets what has expired.
    public mutating func grants() throws(NetlinkError) -> [LiveGrant] {
        var all: [LiveGrant] = []
        for (family, isPrivate) in EgressPlan.grantSets {
            all += try grants(of: family, isPrivate: isPrivate)
        }
        return all
    }

    private mutating func grants(
        of family: Family, isPrivate: Bool
    ) throws(NetlinkError) -> [LiveGrant] {
        let names = [
            (NFTA_SET_ELEM_LIST_TABLE.rawValue, EgressPlan.table),
            (NFTA_SET_ELEM_LIST_SET.rawValue, EgressPlan.grantSet(family, isPrivate: isPrivate)),
        ]
        return try list(
            Listing(
                action: "list grants", type: NFTablesMessage.type(NFT_MSG_GETSETELEM),
                family: NFTablesMessage.inet, names: names)
        ) { message, grants throws(NetlinkFormatError) in
            let attributes = try message.attributes()
            guard let list = try attributes.first(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) else {
                return
            }
            var elements = list.nested
            while let element = try elements.next() {
                guard var grant = try LiveGrant(element.nested) else { continue }
                grant.isPrivate = isPrivate
                grants.append(grant)
            }
        }
    }
}

extension TableState.ChainState {
    /// nil for a chain of another table.
    init?(_ message: borrowing NetlinkMessage, of table: String) throws(NetlinkFormatError) {
        let attributes = try message.attributes()
        guard try attributes.text(NFTA_CHAIN_TABLE.rawValue) == table,
            let name = try attributes.text(NFTA_CHAIN_NAME.rawValue)
        else { return nil }
        self.init(name: name, base: try Ruleset.Chain.Base(attributes), rules: [])
    }
}

extension Ruleset.Chain.Base {
    /// nil for a chain without a hook, and for one of a kind that this program never makes.
    fileprivate init?(_ chain: borrowing NetlinkAttributes) throws(NetlinkFormatError) {
        guard let place = try chain.first(NFTA_CHAIN_HOOK.rawValue) else { return nil }
        let kind = try chain.text(NFTA_CHAIN_TYPE.rawValue).flatMap(Ruleset.Chain.Kind.init)
        let hook = try place.nested.first(NFTA_HOOK_HOOKNUM.rawValue)?.number(UInt32.self)
        let priority = try place.nested.first(NFTA_HOOK_PRIORITY.rawValue)?.number(UInt32.self)
        let policy = try chain.first(NFTA_CHAIN_POLICY.rawValue)?.number(UInt32.self)
        guard let kind, let hook = hook.flatMap(Ruleset.Chain.Hook.init), let priority,
            let policy = policy.flatMap(Ruleset.Chain.Policy.init)
        else { return nil }
        self.init(kind, hook, priority: Int32(bitPattern: priority), policy: policy)
    }
}

extension TableState.RuleState {
    init(_ rule: borrowing NetlinkAttributes) throws(NetlinkFormatError) {
        reason = ""
        instructions = []
        packets = nil
        if let userData = try rule.first(NFTA_RULE_USERDATA.rawValue) {
            reason = UserData.comment(in: userData.value)
        }
        guard let list = try rule.first(NFTA_RULE_EXPRESSIONS.rawValue) else { return }
        var expressions = list.nested
        while let expression = try expressions.next() {
            let name = try expression.nested.text(NFTA_EXPR_NAME.rawValue) ?? ""
            instructions.append(name)
            guard name == "counter", let data = try expression.nested.first(NFTA_EXPR_DATA.rawValue)
            else { continue }
            packets = try data.nested.first(NFTA_COUNTER_PACKETS.rawValue)?.number()
        }
    }
}

extension LiveGrant {
    /// nil for an element whose key is not a destination.
    init?(_ element: borrowing NetlinkAttributes) throws(NetlinkFormatError) {
        guard let key = try element.first(NFTA_SET_ELEM_KEY.rawValue),
            let value = try key.nested.first(NFTA_DATA_VALUE.rawValue),
            let destination = Destination(key: value.value)
        else { return nil }
        self.destination = destination
        seconds = try element.seconds(NFTA_SET_ELEM_TIMEOUT.rawValue)
        secondsLeft = try element.seconds(NFTA_SET_ELEM_EXPIRATION.rawValue)
        name = ""
        isPrivate = false
        if let userData = try element.first(NFTA_SET_ELEM_USERDATA.rawValue) {
            name = UserData.comment(in: userData.value)
        }
    }
}

extension Destination {
    /// Reads what `SetElement.key` writes.
    init?(key: Span<UInt8>) {
        let addressLength = key.count - 8
        guard addressLength == 4 || addressLength == 16,
            let address = Address(bytes: key.extracting(first: addressLength)),
            let transport = Transport(rawValue: key[addressLength])
        else { return nil }
        let port = UInt16(key[addressLength + 4]) << 8 | UInt16(key[addressLength + 5])
        self.init(address, transport, port)
    }
}

extension NetlinkAttributes {
    @_lifetime(copy self)
    func first(_ type: UInt32) throws(NetlinkFormatError) -> NetlinkAttribute? {
        try first(Int(type))
    }

    func text(_ type: UInt32) throws(NetlinkFormatError) -> String? {
        try first(type)?.text
    }

    /// Milliseconds on the wire, rounded to the nearest second.
    fileprivate func seconds(_ type: UInt32) throws(NetlinkFormatError) -> UInt32 {
        guard let milliseconds: UInt64 = try first(type)?.number() else { return 0 }
        return UInt32(clamping: milliseconds / 1000 + (milliseconds % 1000 >= 500 ? 1 : 0))
    }
}

import DNSWire
import Policy

/// What is said to a client.
enum Reply {
    /// No data, and nothing that may be kept.
    case failure(ResponseCode, Explanation?)
    /// The name does not exist, or has nothing of this type; a client may keep that for so long.
    case negative(ResponseCode, timeToLive: UInt32, Explanation?)
    /// What an upstream said, for this many more seconds.
    case answer(Answer, timeToLive: UInt32)
    /// One address that is known here.
    case local(Address)
}

/// Why an answer is what it is. Rendered only for a client that can read it.
enum Explanation: Equatable {
    /// No line of the allowlist has this name.
    case notAllowed
    case typeNotRelayed
    /// The name has no address but this one, which is not public, and the like.
    case filtered(Address)
    /// More under a wildcard than its budget of so many new names a minute.
    case budgetSpent(Int)
    case noUpstreamAnswered
    case upstreamFailed(ResponseCode)
    case grantRefused
    case grantNotAcknowledged
    case tooManyQuestions
    /// Nothing can be opened any more: the next resolver can.
    case replaced

    /// - Parameter advice: what a person can do about a denied name.
    func extendedError(advice: () -> String) -> ExtendedError {
        switch self {
        case .notAllowed: ExtendedError(.blocked, advice())
        case .typeNotRelayed: ExtendedError(.filtered, "only A, AAAA and CNAME are relayed")
        case .filtered(let address):
            ExtendedError(.filtered, "\(address) is not public and not in the allowlist")
        case .budgetSpent(let budget):
            ExtendedError(
                .blocked,
                "more than \(budget) new names a minute under one wildcard, or \(budget * NameBudget.questionsPerName) questions"
            )
        case .noUpstreamAnswered: ExtendedError(.noReachableAuthority, "no upstream answered")
        case .upstreamFailed(let code):
            ExtendedError(.networkError, "upstream response code \(code.rawValue)")
        case .grantRefused: ExtendedError(.prohibited, "the addresses were not opened")
        case .grantNotAcknowledged: ExtendedError(.other, "the addresses were not opened in time")
        case .tooManyQuestions: ExtendedError(.other, "too many questions in flight")
        case .replaced: ExtendedError(.notReady, "the resolver is being replaced: ask again")
        }
    }
}

extension Reply {
    var responseCode: ResponseCode {
        switch self {
        case .failure(let code, _), .negative(let code, _, _): code
        case .answer(let answer, _): answer.responseCode
        case .local: .noError
        }
    }

    private var answerCount: Int {
        switch self {
        case .failure, .negative: 0
        case .answer(let answer, _): answer.aliasCount + answer.addresses.count
        case .local: 1
        }
    }

    private var hasAuthority: Bool {
        switch self {
        case .failure, .local: false
        case .negative: true
        case .answer(let answer, _): answer.isEmpty
        }
    }

    private var explanation: Explanation? {
        switch self {
        case .failure(_, let explanation), .negative(_, _, let explanation): explanation
        case .answer(let answer, _):
            answer.isEmpty ? answer.filtered.map { .filtered($0) } : nil
        case .local: nil
        }
    }

    /// Writes the whole message, or, where it does not fit, one that says so (RFC 1035 §4.1.1, TC).
    func write(
        to query: Query, into output: inout OutputSpan<UInt8>,
        advice: (Name) -> String
    ) throws(WireError) {
        do throws(WireError) {
            try writeWhole(to: query, into: &output, advice: advice)
        } catch {
            output.removeAll()
            try put(headerOf: query, truncated: true, into: &output)
            try output.put(query.question, letterCase: query.asker.letterCase)
            if query.asker.payloadSize != nil { try output.put(options(to: query, explained: nil)) }
        }
    }

    private func writeWhole(
        to query: Query, into output: inout OutputSpan<UInt8>,
        advice: (Name) -> String
    ) throws(WireError) {
        try put(headerOf: query, truncated: false, into: &output)
        try output.put(query.question, letterCase: query.asker.letterCase)
        switch self {
        case .failure: break
        case .negative(_, let timeToLive, _):
            try output.putNegativeAuthority(owner: Header.length, timeToLive: timeToLive)
        case .local(let address):
            try output.put(address, owner: Header.length, timeToLive: TimeToLive.most)
        case .answer(let answer, let timeToLive):
            let end = try output.put(aliasesOf: answer, timeToLive: timeToLive)
            for address in answer.addresses {
                try output.put(address, owner: end, timeToLive: timeToLive)
            }
            if hasAuthority {
                try output.putNegativeAuthority(owner: end, timeToLive: timeToLive)
            }
        }
        if query.asker.payloadSize != nil {
            let error = explanation?.extendedError { advice(query.question.name) }
            try output.put(options(to: query, explained: error))
        }
    }

    private func put(
        headerOf query: Query, truncated: Bool, into output: inout OutputSpan<UInt8>
    ) throws(WireError) {
        var flags = query.asker.flags.union([.response, .recursionAvailable])
        if truncated { flags.insert(.truncated) }
        flags.responseCode = responseCode
        try output.put(
            Header(
                identifier: query.asker.identifier, flags: flags,
                answerCount: truncated ? 0 : UInt16(clamping: answerCount),
                authorityCount: !truncated && hasAuthority ? 1 : 0,
                additionalCount: query.asker.payloadSize == nil ? 0 : 1))
    }

    private func options(to query: Query, explained error: ExtendedError?) -> ExtendedOptions {
        var options = ExtendedOptions(payloadSize: UInt16(Asker.largestPayload))
        options.isDNSSECWanted = query.asker.isDNSSECWanted
        options.extendedResponseCode = responseCode.rawValue >> 4
        options.extendedError = error
        return options
    }
}

extension OutputSpan where Element == UInt8 {
    /// Writes the chain of aliases; returns where the name at its end stands.
    @_lifetime(self: copy self)
    fileprivate mutating func put(
        aliasesOf answer: Answer, timeToLive: UInt32
    ) throws(WireError) -> Int {
        var owner = Header.length
        var start = 0
        for _ in 0..<answer.aliasCount {
            var end = start
            while answer.aliases[end] != 0 { end += 1 + Int(answer.aliases[end]) }
            try putRecord(
                owner: owner, .cname, timeToLive: timeToLive, dataLength: end + 1 - start)
            owner = count
            try put(answer.aliases.span.extracting(start...end))
            start = end + 1
        }
        return owner
    }

    @_lifetime(self: copy self)
    fileprivate mutating func put(
        _ address: Address, owner: Int, timeToLive: UInt32
    ) throws(WireError) {
        switch address {
        case .v4(let bits):
            try putRecord(owner: owner, .a, timeToLive: timeToLive, dataLength: 4)
            try put(bits)
        case .v6(let high, let low):
            try putRecord(owner: owner, .aaaa, timeToLive: timeToLive, dataLength: 16)
            try put(high)
            try put(low)
        }
    }

    /// An answer to a message that could not be read: its header, and an OPT record where it has one
    /// itself (RFC 6891 §6.1.1).
    @_lifetime(self: copy self)
    mutating func put(
        refusalOf header: Header, _ code: ResponseCode, with asked: ExtendedOptions? = nil
    ) throws(WireError) {
        // The opcode and RD come back as they were (RFC 1035 §4.1.1).
        var flags = Header.Flags(rawValue: header.flags.rawValue & 0x7900)
        flags.formUnion([.response, .recursionAvailable])
        flags.responseCode = code
        try put(
            Header(
                identifier: header.identifier, flags: flags, questionCount: 0,
                additionalCount: asked == nil ? 0 : 1))
        guard let asked else { return }
        var options = ExtendedOptions(payloadSize: UInt16(Asker.largestPayload))
        options.isDNSSECWanted = asked.isDNSSECWanted
        try put(options)
    }
}

import DNSWire
import Policy

/// What a message from an upstream means for the question that it was asked.
enum UpstreamReply: Equatable {
    case answer(Answer)
    /// Ask again over TCP: the answer did not fit (RFC 7766 §5).
    case truncated
    /// The question came back with other capitals: forged, or a server that does not keep them.
    case letterCaseLost
    /// The upstream could not, would not, or said nonsense.
    case failed(ResponseCode)
    /// Nobody listens there, or the connection broke before an answer was whole.
    case unreachable
    /// Not an answer to this question at all; whoever sent it is not listened to.
    case forged
}

/// A question as it was put to an upstream.
struct Inquiry {
    var question: Question
    var identifier: UInt16
    /// The capitals that must come back; nil over TCP, where nobody can forge.
    var letterCase: LetterCase?

    /// Reads an upstream's message.
    ///
    /// - Parameter permits: whether an address may be passed on.
    func reply(in octets: Span<UInt8>, permits: (Address) -> Bool) -> UpstreamReply {
        guard var reader = try? MessageReader(octets), reader.header.identifier == identifier,
            reader.header.flags.contains(.response), reader.header.flags.opcode == 0
        else { return .forged }
        let flags = reader.header.flags
        // A server that does not understand a query may return nothing but the header.
        if reader.header.questionCount == 0, flags.responseCode != .noError {
            return letterCase == nil ? .failed(flags.responseCode) : .letterCaseLost
        }
        guard reader.header.questionCount == 1, let asked = try? reader.question(),
            asked == question
        else { return .forged }
        let returned = reader.letterCase(at: Header.length, count: asked.name.count)
        if let letterCase, letterCase != returned { return .letterCaseLost }
        if flags.contains(.truncated) { return .truncated }
        guard flags.responseCode == .noError || flags.responseCode == .nameError else {
            return .failed(flags.responseCode)
        }
        do throws(WireError) {
            let chain = try AnswerSection(of: &reader, for: question.type)
            guard var answer = chain.answer(to: question, permits: permits) else {
                return .failed(.serverFailure)
            }
            if answer.isNegative { answer.responseCode = flags.responseCode }
            return .answer(answer)
        } catch {
            return .failed(.serverFailure)
        }
    }
}

/// The records of a message that could matter: aliases, and what was asked for.
private struct AnswerSection {
    /// Most records that are looked at; what a server adds beyond them is dropped.
    static let mostRecords = Answer.mostAddresses + Answer.longestChain

    private var aliases: [(owner: Name, target: Name, timeToLive: UInt32)] = []
    private var addresses: [(owner: Name, address: Address, timeToLive: UInt32)] = []
    /// What the SOA record in the authority section allows for a negative answer (RFC 2308 §5);
    /// without one, such an answer should not be kept at all.
    private var negative = TimeToLive.least

    init(of reader: inout MessageReader, for type: RecordType) throws(WireError) {
        for _ in 0..<reader.header.answerCount {
            let record = try reader.record()
            guard aliases.count + addresses.count < Self.mostRecords,
                record.recordClass == .internet, record.type == type || record.type == .cname
            else { continue }
            let lifetime = TimeToLive.clamped(record.timeToLive)
            switch try reader.data(of: record) {
            case .cname(let target):
                aliases.append((try reader.owner(of: record), target, lifetime))
            case .a(let bits):
                addresses.append((try reader.owner(of: record), .v4(bits), lifetime))
            case .aaaa(let high, let low):
                addresses.append((try reader.owner(of: record), .v6(high, low), lifetime))
            case .soa, .opaque:
                break
            }
        }
        for _ in 0..<reader.header.authorityCount {
            let record = try reader.record()
            guard record.type == .soa, case .soa(let authority) = try reader.data(of: record) else {
                continue
            }
            let lifetime = min(record.timeToLive, authority.minimum)
            negative = min(TimeToLive.clamped(lifetime), TimeToLive.mostNegative)
        }
    }

    /// Follows the chain from the question; nil when it does not end.
    func answer(to question: Question, permits: (Address) -> Bool) -> Answer? {
        var answer = Answer()
        answer.timeToLive = TimeToLive.most
        var end = question.name
        let longest = question.type == .cname ? 1 : Answer.longestChain
        while let alias = aliases.first(where: { $0.owner == end }) {
            // A loop is a chain without an end, and the longest chain has one.
            guard answer.aliasCount < longest else {
                if question.type == .cname { break }
                return nil
            }
            answer.append(alias: alias.target)
            answer.timeToLive = min(answer.timeToLive, alias.timeToLive)
            end = alias.target
        }
        for found in addresses where found.owner == end {
            if permits(found.address) {
                guard answer.addresses.count < Answer.mostAddresses else { break }
                guard !answer.addresses.contains(found.address) else { continue }
                answer.addresses.append(found.address)
            } else {
                answer.filtered = answer.filtered ?? found.address
                answer.filteredCount += 1
            }
            answer.timeToLive = min(answer.timeToLive, found.timeToLive)
        }
        answer.isNegative =
            answer.addresses.isEmpty && answer.filtered == nil
            && !(question.type == .cname && answer.aliasCount > 0)
        if answer.isNegative { answer.timeToLive = min(answer.timeToLive, negative) }
        return answer
    }
}

extension Answer {
    fileprivate mutating func append(alias: Name) {
        aliases += alias.bytes
        aliasCount += 1
    }
}

import DNSWire

/// A question from a client, with what an answer must repeat of it.
struct Query {
    var question: Question
    var asker: Asker
}

/// What an answer repeats of its query, and how large it may be. Kept for as long as the question
/// is in flight, so it is small.
struct Asker {
    var identifier: UInt16
    /// Recursion desired and checking disabled, as they were asked (RFC 1035 §4.1.1, RFC 4035 §3).
    var flags: Header.Flags
    /// The capitals of the name: some clients check that they come back.
    var letterCase: LetterCase
    /// Octets the client takes over UDP; nil when it does not speak EDNS(0).
    var payloadSize: UInt16?
    /// DO, which comes back as it was asked (RFC 3225 §3).
    var isDNSSECWanted = false

    /// Longest answer over UDP, in octets (RFC 1035 §4.2.1; RFC 6891 §6.2.3; and the size that
    /// survives any path, DNS flag day 2020).
    var longestDatagram: Int {
        guard let payloadSize else { return 512 }
        return min(max(Int(payloadSize), 512), Asker.largestPayload)
    }

    /// The payload size that is announced and never exceeded.
    static let largestPayload = 1232
}

/// What a received message is.
enum Reception {
    case query
    /// To be answered with this code; `isQuery` when enough of it could be read to repeat it.
    case refused(ResponseCode, Header, isQuery: Bool)
    /// Not to be answered: it is a response, or no message at all (RFC 1035 §7.3).
    case ignored
}

extension Query {
    init() {
        question = Question(Name(), .any)
        asker = Asker(identifier: 0, flags: [], letterCase: LetterCase(), payloadSize: nil)
    }

    /// Reads a message in the place of another: a query is too large to be moved about.
    mutating func read(_ octets: Span<UInt8>) -> Reception {
        guard var reader = try? MessageReader(octets), !reader.header.flags.contains(.response)
        else { return .ignored }
        let header = reader.header
        guard header.flags.opcode == 0 else {
            return .refused(.notImplemented, header, isQuery: false)
        }
        do throws(WireError) {
            return try read(header, &reader)
        } catch {
            return .refused(.formatError, header, isQuery: false)
        }
    }

    /// The OPT record of a message that is refused before all of it was read; nil where it has none,
    /// or none that can be read.
    static func options(of octets: Span<UInt8>) -> ExtendedOptions? {
        do throws(WireError) {
            var reader = try MessageReader(octets)
            let header = reader.header
            for _ in 0..<header.questionCount { try reader.skipQuestion() }
            for _ in 0..<Int(header.answerCount) + Int(header.authorityCount) {
                _ = try reader.record()
            }
            for _ in 0..<header.additionalCount {
                let record = try reader.record()
                if record.type == .opt { return try reader.options(of: record) }
            }
            return nil
        } catch {
            return nil
        }
    }

    private mutating func read(
        _ header: Header, _ reader: inout MessageReader
    ) throws(WireError) -> Reception {
        guard header.questionCount == 1, header.answerCount == 0, header.authorityCount == 0 else {
            return .refused(.formatError, header, isQuery: false)
        }
        try reader.read(&question)
        var options: ExtendedOptions?
        for _ in 0..<header.additionalCount {
            let record = try reader.record()
            guard record.type == .opt else { continue }
            guard options == nil else { throw .optMisplaced }
            options = try reader.options(of: record)
        }
        try reader.end()
        asker = Asker(
            identifier: header.identifier,
            flags: header.flags.intersection([.recursionDesired, .checkingDisabled]),
            letterCase: reader.letterCase(at: Header.length, count: question.name.count),
            payloadSize: options?.payloadSize,
            isDNSSECWanted: options?.isDNSSECWanted ?? false)
        if let options, options.version != 0 {
            return .refused(.badVersion, header, isQuery: true)
        }
        guard question.recordClass == .internet else {
            return .refused(.refused, header, isQuery: true)
        }
        return .query
    }
}

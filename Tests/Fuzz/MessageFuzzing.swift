import DNSWire
import Policy

@testable import Resolver

/// The whole of a message is read, as a query and as an upstream's answer to the question in it;
/// whatever the resolver would say can be read again.
enum MessageFuzzing {
    private static let longestAnswer = 1232

    static func run(_ octets: Span<UInt8>) {
        readEverything(octets)
        var query = Query()
        switch query.read(octets) {
        case .query: answer(query)
        case .refused(let code, _, isQuery: true): check(.failure(code, .notAllowed), to: query)
        case .refused(let code, let header, isQuery: false):
            refuse(header, code, with: Query.options(of: octets))
        case .ignored: break
        }
        relay(octets)
    }

    private static func readEverything(_ octets: Span<UInt8>) {
        guard var reader = try? MessageReader(octets) else { return }
        do throws(WireError) {
            for _ in 0..<reader.header.questionCount { try check(reader.question().name) }
            while true {
                let record = try reader.record()
                try check(reader.owner(of: record))
                if record.type == .opt { _ = try reader.options(of: record) }
                if case .cname(let target) = try reader.data(of: record) { check(target) }
            }
        } catch {
            // Every message ends in an error here, at its end if not before.
        }
    }

    /// A name that was read is one: the policy finds its labels where this module does.
    private static func check(_ name: Name) {
        precondition(name.octets.count <= Name.longest)
        precondition(name.equals(name.bytes.span))
        let again = DomainName(wireName: name.octets)
        precondition(again.map { name.equals($0.wireBytes.span) } ?? true)
        _ = name.description
    }

    private static func answer(_ query: Query) {
        check(.negative(.nameError, timeToLive: 10, .notAllowed), to: query)
        check(.local(.v6(0, 1)), to: query)
    }

    /// The octets as an upstream's answer to the question that they carry.
    private static func relay(_ octets: Span<UInt8>) {
        guard var reader = try? MessageReader(octets), let question = try? reader.question() else {
            return
        }
        let inquiry = Inquiry(
            question: question, identifier: reader.header.identifier,
            letterCase: reader.letterCase(at: Header.length, count: question.name.count))
        guard case .answer(let answer) = inquiry.reply(in: octets, permits: \.isPubliclyRoutable)
        else { return }
        precondition(answer.addresses.count <= Answer.mostAddresses)
        precondition(answer.addresses.allSatisfy(\.isPubliclyRoutable))
        precondition(answer.timeToLive <= TimeToLive.most)
        let asker = Asker(
            identifier: 1, flags: [], letterCase: LetterCase(), payloadSize: UInt16(longestAnswer))
        check(
            .answer(answer, timeToLive: answer.timeToLive),
            to: Query(question: question, asker: asker))
    }

    /// What is said fits, repeats the question, and has the records that its header counts.
    private static func check(_ reply: Reply, to query: Query) {
        let written = try? [UInt8](capacity: query.asker.longestDatagram) {
            (output: inout OutputSpan<UInt8>) throws(WireError) in
            try reply.write(to: query, into: &output) { _ in "example.com" }
        }
        guard let written else { fatalError("a reply does not fit") }
        do throws(WireError) {
            try readBack(written, query)
        } catch {
            fatalError("a reply cannot be read: \(error)")
        }
    }

    private static func readBack(_ reply: [UInt8], _ query: Query) throws(WireError) {
        var reader = try MessageReader(reply.span)
        let header = reader.header
        precondition(header.identifier == query.asker.identifier)
        precondition(header.flags.contains(.response))
        let question = try reader.question()
        precondition(question == query.question)
        for _ in 0..<header.answerCount + header.authorityCount + header.additionalCount {
            let record = try reader.record()
            _ = try reader.owner(of: record)
            _ = try reader.data(of: record)
            if record.type == .opt { _ = try reader.options(of: record) }
        }
        try reader.end()
    }

    private static func refuse(
        _ header: Header, _ code: ResponseCode, with options: ExtendedOptions?
    ) {
        let length = Header.length + (options == nil ? 0 : ExtendedOptions.emptyLength)
        let written = try? [UInt8](capacity: length) {
            (output: inout OutputSpan<UInt8>) throws(WireError) in
            try output.put(refusalOf: header, code, with: options)
        }
        precondition(written?.count == length)
    }
}

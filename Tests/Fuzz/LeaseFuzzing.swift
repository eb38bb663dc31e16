import LeaseExchange
import Policy

/// What the licence server sends, as the lease service reads it; and what that sends, as PID 1 does.
enum LeaseFuzzing {
    private static let session = String(repeating: "0", count: 32)

    /// An answer grants or refuses, and PID 1 reads of it what was meant.
    static func answer(_ octets: Span<UInt8>) {
        let text = octets.indices.map { octets[$0] }
        check(LeaseAnswer.record(of: text, session: session))
    }

    /// A message is read to the octet, or not at all.
    static func record(_ octets: Span<UInt8>) {
        guard let record = try? LeaseRecord(octets) else { return }
        let written = record.octets
        precondition(written.count == octets.count)
        for place in octets.indices { precondition(written[place] == octets[place]) }
    }

    private static func check(_ record: LeaseRecord) {
        let octets = record.octets
        precondition(octets.count == LeaseRecord.length)
        guard let read = try? LeaseRecord(octets.span) else {
            preconditionFailure("PID 1 would not take \(record)")
        }
        precondition(read == record)
    }
}

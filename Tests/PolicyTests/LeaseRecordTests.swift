import Policy
import Testing

@Suite struct LeaseRecordTests {
    private static let granted = LeaseRecord.granted(
        LeaseTerms(
            tier: .starter, sessionsUsed: 1, sessionLimit: 2, requestLimit: 100, secondsLeft: 0x0102
        )
    )

    private static let records: [LeaseRecord] =
        [
            granted,
            .granted(
                LeaseTerms(
                    tier: .enterprise, sessionsUsed: .max - 1, sessionLimit: nil, requestLimit: nil)
            ),
            .refused(.full, sessionsUsed: 3, sessionLimit: 2),
        ]
        + LeaseRefusal.allCases.filter { $0 != .full }.map {
            .refused($0, sessionsUsed: 0, sessionLimit: 0)
        } + LeaseFault.allCases.map { .unanswered($0) }

    @Test func octetsAreAsTheDiagramSays() {
        #expect(
            Self.granted.octets == [
                0x43, 0x54, 0x4c, 0x31, 1, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 100, 0, 0, 0, 2, 1, 0,
                0,
                0, 0, 0, 0, 0, 0, 0, 0,
            ])
    }

    @Test func aRecordIsReadAsItWasWritten() throws {
        for record in Self.records {
            let octets = record.octets
            #expect(octets.count == LeaseRecord.length)
            #expect(try LeaseRecord(octets.span) == record)
        }
    }

    /// What is read is what would be written: no two messages mean one record.
    @Test func everyOtherOctetIsRefusedOrMeansSomethingElse() {
        for record in Self.records {
            let octets = record.octets
            for place in octets.indices {
                for value in [0, 1, 2, 3, 4, 0x7f, 0xff] as [UInt8] where octets[place] != value {
                    var other = octets
                    other[place] = value
                    guard let read = try? LeaseRecord(other.span) else { continue }
                    #expect(read.octets == other && read != record)
                }
            }
        }
    }

    @Test func otherLengthsAreNone() {
        let octets = Self.granted.octets
        for count in [0, 1, 31] {
            #expect(throws: LeaseRecord.Defect.length) {
                try LeaseRecord(octets.span.extracting(first: count))
            }
        }
        let longer = octets + [0]
        #expect(throws: LeaseRecord.Defect.length) { try LeaseRecord(longer.span) }
    }
}

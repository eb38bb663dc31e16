import Egress
import Policy

@testable import Supervision

/// A message of the grant channel is read to the octet, and opens what the policy allows only.
enum GrantFuzzing {
    private static let allowlist = try! Allowlist(parsing: [
        .init(
            name: "list",
            text: """
                example.com
                *.example.net:443,8000-8010
                .example.org:123/udp
                10.1.0.0/16:5432
                peer:8443 private
                """)
    ])

    static func run(_ octets: Span<UInt8>) {
        if let records = try? GrantRecord.decode(octets) {
            precondition(1...GrantRecord.mostPerMessage ~= records.count)
            precondition(isEqual(GrantRecord.encode(records), octets))
            for record in records { check(record) }
        }
        if let acknowledgements = try? GrantAcknowledgement.decode(octets) {
            precondition(isEqual(GrantAcknowledgement.encode(acknowledgements), octets))
        }
    }

    private static func check(_ record: GrantRecord) {
        guard let grants = GrantKeeper.grants(for: record, in: allowlist) else { return }
        precondition(record.rule < 3 || record.rule == 4, "a rule that is not about names")
        precondition(
            record.address.isPubliclyRoutable || allowlist.permits(record.address)
                || (record.rule == 4 && record.address.isPrivate))
        for grant in grants {
            precondition(grant.destination.address == record.address)
            precondition(300...86_400 ~= grant.seconds)
        }
    }

    private static func isEqual(_ written: [UInt8], _ read: Span<UInt8>) -> Bool {
        written.count == read.count && written.indices.allSatisfy { written[$0] == read[$0] }
    }
}

import FoundationEssentials
public import Policy

/// What the licence server answers; the one parser of what it sends.
public enum LeaseAnswer {
    /// - Parameters:
    ///   - octets: the body of the HTTP answer; it is believed in nothing.
    ///   - session: of the question: an answer to another is none.
    /// - Returns: what PID 1 is told; an answer that is not the protocol's is `nonsense`.
    public static func record(of octets: [UInt8], session: String) -> LeaseRecord {
        guard octets.count <= LeaseQuestion.longestAnswer else { return .unanswered(.tooLong) }
        // A decoder goes down as deep as the document does; the protocol's has one level.
        guard depth(of: octets) <= 2,
            let document = try? JSONDecoder().decode(Document.self, from: Data(octets)),
            document.version == LeaseQuestion.version, document.session == session
        else { return .unanswered(.nonsense) }
        return record(document) ?? .unanswered(.nonsense)
    }

    private struct Document: Decodable {
        struct Sessions: Decodable {
            var used: UInt32
            /// Absent or null for any number.
            var limit: UInt32?
        }

        var version: Int
        var session: String
        var result: String
        var tier: String?
        var sessions: Sessions?
        var requestLimit: UInt32?
        var secondsLeft: UInt32?

        enum CodingKeys: String, CodingKey {
            case version, session, result, tier, sessions
            case requestLimit = "requests_per_minute"
            case secondsLeft = "expires_in"
        }
    }

    private static func record(_ document: Document) -> LeaseRecord? {
        switch document.result {
        case "granted": return terms(document).map { .granted($0) }
        case "full":
            guard let sessions = document.sessions, let limit = sessions.limit else { return nil }
            return .refused(.full, sessionsUsed: sessions.used, sessionLimit: limit)
        case "invalid": return refused(.invalid)
        case "malformed": return refused(.malformed)
        case "expired": return refused(.expired)
        case "revoked": return refused(.revoked)
        default: return nil
        }
    }

    private static func refused(_ refusal: LeaseRefusal) -> LeaseRecord {
        .refused(refusal, sessionsUsed: 0, sessionLimit: 0)
    }

    /// Numbers that the server leaves out are the tier's.
    private static func terms(_ document: Document) -> LeaseTerms? {
        guard let tier = document.tier.flatMap({ LeaseTier(name: $0) }) else { return nil }
        let used = document.sessions?.used ?? 1
        let sessionLimit = document.sessions?.limit ?? tier.sessionLimit
        let requestLimit = document.requestLimit ?? tier.requestLimit
        // All ones stand for no limit in a record.
        guard used >= 1, used <= sessionLimit ?? .max, sessionLimit != .max, requestLimit != .max,
            document.secondsLeft != .max
        else { return nil }
        return LeaseTerms(
            tier: tier, sessionsUsed: used, sessionLimit: sessionLimit,
            requestLimit: requestLimit, secondsLeft: document.secondsLeft)
    }

    /// The deepest nesting of brackets outside strings, of a document or of what is none.
    private static func depth(of octets: [UInt8]) -> Int {
        var (depth, deepest, isText, isEscaped) = (0, 0, false, false)
        for octet in octets {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if octet == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if octet == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch octet {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: continue
            }
        }
        return deepest
    }
}

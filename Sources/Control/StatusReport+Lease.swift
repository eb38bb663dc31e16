public import Linux
import Policy

extension StatusReport {
    /// Under what licence the session runs, and for how long.
    public struct Lease: Codable, Equatable, Sendable {
        public enum State: String, Codable, Sendable {
            /// The server has not been asked, or not answered yet.
            case asked
            case held
            /// The server does not answer; the session goes on until the grace is over.
            case lost
            /// There is none any more, and the container ends.
            case over
        }

        public let state: State
        /// The server's host, with its port where that is not 443.
        public let server: String
        /// Absent before the first grant, as all numbers of it are.
        public let tier: String?
        /// Sessions of the licence that run, as the server counted last, and at most; absent for any
        /// number.
        public let sessions: UInt32?
        public let sessionLimit: UInt32?
        /// Requests a minute; absent for any number.
        public let requestLimit: UInt32?
        /// Seconds since the last grant.
        public let granted: Int64?
        /// Seconds until the server is asked again, at most.
        public let next: Int64?
        /// Seconds until the session ends unless the server answers; absent where it does.
        public let grace: Int64?
        /// Seconds until the licence itself ends; absent where it does not say.
        public let expires: Int64?
        /// Why the server does not answer; absent where it does.
        public let reason: String?

        public init(_ facts: LeaseFacts, at now: BootInstant) {
            func seconds(_ time: Milliseconds) -> Int64 { max(0, time.nanoseconds) / 1_000_000_000 }
            state =
                switch facts.state {
                case .unasked, .asked: .asked
                case .held: .held
                case .lost: .lost
                case .over: .over
                }
            server = facts.server
            let terms = facts.terms
            tier = terms?.tier.name
            sessions = terms?.sessionsUsed
            (sessionLimit, requestLimit) = (terms?.sessionLimit, terms?.requestLimit)
            granted = terms == nil ? nil : seconds(now.since(facts.renewed))
            let due = facts.renewed + .seconds(Int(facts.heartbeat))
            next = facts.state == .held ? seconds(due.since(now)) : nil
            grace = facts.state == .lost ? seconds(facts.graceEnd.since(now)) : nil
            expires = facts.expires.map { seconds($0.since(now)) }
            reason = facts.fault?.sentence
        }

        /// Why the verdict is not LOCKED; nil where this is no reason.
        public var ailment: String? {
            guard state == .lost, let reason, let grace else { return nil }
            return
                "licence: \(server) does not answer: \(reason): the session ends in \(grace) s"
        }

        /// What the agent may know of it.
        public var variables: [String: String] {
            guard let tier else { return [:] }
            return [
                "CODETAINER_TIER": tier, "CODETAINER_SESSION_LIMIT": Self.text(sessionLimit),
                "CODETAINER_REQUEST_LIMIT": Self.text(requestLimit),
            ]
        }

        /// A limit, for people and for programs.
        public static func text(_ limit: UInt32?) -> String { limit.map { "\($0)" } ?? "unlimited" }
    }
}

extension LeaseFault {
    /// What is wrong, for people.
    public var sentence: String {
        switch self {
        case .name: "its name has no address"
        case .connection: "it takes no connection"
        case .timeOut: "it took too long"
        case .certificate: "its certificate is not trusted"
        case .transport: "the connection broke, or is no TLS"
        case .status: "its HTTP status is none of the protocol's"
        case .redirect: "it redirects, where no key is sent"
        case .tooLong: "its answer is too long"
        case .nonsense: "its answer is none of the protocol's"
        case .silence: "the lease service has not been heard of"
        }
    }
}

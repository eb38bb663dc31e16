import Control
import Linux
import Policy

/// What becomes of the lease: granted, lost for a while, over. Pure: records and times come in,
/// actions come out; `facts` is all that it remembers.
struct Lease: Equatable {
    enum Event: Equatable {
        case heard(LeaseRecord)
        /// Time has passed.
        case tick
    }

    enum Action: Equatable {
        case note(String)
        case warn(String)
        /// The service that asks hangs: another is to take its place.
        case replaceService
        /// The session ends, or does not begin, for this reason.
        case end(String)
    }

    /// How long the first answer may take, with all attempts of the service.
    static let boot: Milliseconds = 45_000
    /// From when an answer is due until the service counts as silent: the longest exchange, and some.
    static let slack: Milliseconds = 15_000

    var facts: LeaseFacts

    /// When `tick` has something to do; nil when nothing is left to wait for.
    var deadline: BootInstant? {
        switch facts.state {
        case .asked: facts.silentAt
        case .held: earlier(facts.silentAt, facts.expires)
        case .lost: earlier(min(facts.silentAt, facts.graceEnd), facts.expires)
        case .unasked, .over: nil
        }
    }

    private func earlier(_ moment: BootInstant, _ other: BootInstant?) -> BootInstant {
        min(moment, other ?? moment)
    }

    /// The server is asked for the first time.
    mutating func asked(at now: BootInstant) {
        facts.state = .asked
        facts.silentAt = now + Self.boot
    }

    mutating func handle(_ event: Event, at now: BootInstant) -> [Action] {
        guard facts.state != .unasked, facts.state != .over else { return [] }
        // What time has ended no record brings back.
        let ending = timePassed(at: now)
        guard ending.isEmpty || facts.state != .over, case .heard(let record) = event else {
            return ending
        }
        return ending + heard(record, at: now)
    }

    private mutating func heard(_ record: LeaseRecord, at now: BootInstant) -> [Action] {
        switch record {
        case .granted(let terms): return granted(terms, at: now)
        case .refused(let refusal, let used, let limit):
            return end(refusal.sentence(facts, used: used, limit: limit))
        case .unanswered(let fault):
            guard facts.state != .asked else {
                return end(
                    "licence: \(facts.server) cannot be reached: \(fault.sentence): check \(facts.serverName) and the server"
                )
            }
            expectAnswer(at: now)
            return lost(fault, at: now)
        }
    }

    private mutating func granted(_ terms: LeaseTerms, at now: BootInstant) -> [Action] {
        let before = (state: facts.state, tier: facts.terms?.tier)
        facts.state = .held
        facts.terms = terms
        facts.fault = nil
        facts.renewed = now
        facts.expires = terms.secondsLeft.map { now + .seconds(Int($0)) }
        expectAnswer(at: now)
        if before.state == .lost { return [.note("licence: \(facts.server) answers again")] }
        if let tier = before.tier, tier != terms.tier {
            return [
                .note(
                    "licence: the tier is \(terms.tier.name) now, which the agent sees when it is started anew"
                )
            ]
        }
        return []
    }

    /// Since when the server is lost never moves on while it stays lost.
    private mutating func lost(_ fault: LeaseFault, since: BootInstant? = nil, at now: BootInstant)
        -> [Action]
    {
        let isNew = facts.state == .held
        facts.state = .lost
        facts.fault = fault
        guard isNew else { return [] }
        facts.lostSince = since ?? now
        return [
            .warn(
                "licence: \(facts.server) does not answer: \(fault.sentence): the session ends in \(facts.grace) s unless it does"
            )
        ]
    }

    private mutating func timePassed(at now: BootInstant) -> [Action] {
        if let expires = facts.expires, expires <= now {
            return end(LeaseRefusal.expired.sentence(facts, used: 0, limit: 0))
        }
        if facts.state == .lost, facts.graceEnd <= now { return endOfGrace() }
        guard facts.silentAt <= now else { return [] }
        let since = facts.silentAt
        switch facts.state {
        case .asked:
            return end(
                "licence: \(facts.server) has not been asked: the lease service says nothing: see its own lines above"
            )
        case .held, .lost:
            expectAnswer(at: now)
            let actions = lost(.silence, since: since, at: now) + [.replaceService]
            return facts.graceEnd <= now ? actions + endOfGrace() : actions
        case .unasked, .over: return []
        }
    }

    private mutating func endOfGrace() -> [Action] {
        end(
            "licence: \(facts.server) has not answered for \(facts.grace) s: \((facts.fault ?? .silence).sentence): check the server"
        )
    }

    private mutating func expectAnswer(at now: BootInstant) {
        facts.silentAt = now + .seconds(Int(facts.heartbeat)) + Self.slack
    }

    private mutating func end(_ reason: String) -> [Action] {
        facts.state = .over
        return [.end(reason)]
    }
}

extension LeaseRefusal {
    fileprivate func sentence(_ facts: LeaseFacts, used: UInt32, limit: UInt32) -> String {
        switch self {
        case .invalid:
            "licence: \(facts.server) does not know the key: check \(facts.keyName)"
        case .malformed:
            "licence: \(facts.server) cannot read the key: copy it again into \(facts.keyName)"
        case .expired:
            "licence: it has expired, says \(facts.server): ask the vendor to renew it"
        case .revoked:
            "licence: it was revoked, says \(facts.server): ask the vendor why"
        case .full:
            "licence: all its sessions are in use, \(used) of \(limit), says \(facts.server): ask the vendor for more, or end another session"
        }
    }
}

import Control
public import Egress
import Inspection
public import Linux
import Logging
public import Policy

/// What PID 1 holds of the lease beside the facts.
struct LeaseHolding {
    /// PID 1's end of the channel to the service; nil where there is none.
    var channel: CInt?
    /// Whether boot waits for the first answer, and ends the container itself.
    var isAwaited = false
    /// Why there is no lease any more.
    var reason: String?
    /// Room for a record and an octet more, by which a longer message shows.
    var message = [UInt8](repeating: 0, count: LeaseRecord.length + 1)
    /// Records that the service may send; one with more to say is not itself any longer.
    var records = Allowance(burst: 30, every: 500)
}

/// PID 1's end of the channel to the lease service: records of fixed size, checked octet by octet.
extension Supervisor {
    /// Why the container may not run, and the code that says so.
    public struct LeaseRefused: Error, Equatable {
        public let reason: String
        public let code: CInt
    }

    /// Starts the service that asks the licence server, and runs the loop until it has an answer.
    public func acquireLease(
        from service: ServiceSpecification, channel: consuming OwnedDescriptor
    ) throws -> LeaseTerms {
        var lease = Lease(facts: facts.lease ?? LeaseFacts())
        lease.asked(at: .now)
        facts.lease = lease.facts
        try hearLease(on: channel)
        self.lease.isAwaited = true
        defer { self.lease.isAwaited = false }
        try startServices([service])
        while self.lease.reason == nil {
            if let terms = facts.lease?.terms { return terms }
            try turn(until: Instant(nanoseconds: .max))
        }
        throw LeaseRefused(reason: self.lease.reason ?? "", code: lease.facts.exitCode)
    }

    /// Who may speak to the licence server, for the packet filter.
    public var leasePlan: EgressPlan.Lease? { EgressPlan(facts: facts).lease }

    func hearLease(on channel: consuming OwnedDescriptor) throws(SystemCallError) {
        try poll.add(channel.raw, for: .readable, token: Token.lease)
        lease.channel = channel.release()
    }

    /// Takes one record; for another the loop comes back.
    func receiveLease() {
        guard let channel = lease.channel else { return }
        guard
            case .moved(let count) = Linux.receive(
                into: &lease.message, limit: lease.message.count, from: channel)
        else { return }
        do throws(LeaseRecord.Defect) {
            guard lease.records.admit(at: .now) else { throw .length }
            let record = try LeaseRecord(lease.message.span.extracting(first: count))
            handleLease(.heard(record))
        } catch {
            // It does not keep the protocol; its successor may, and it is given no time for it.
            if faultLines.admit(at: .now) {
                log.error("licence: the lease service sent what is no record: ending it")
            }
            replaceLeaseService()
        }
    }

    private var leaseDue: BootInstant? {
        shutdown.isStopping ? nil : facts.lease.flatMap { Lease(facts: $0).deadline }
    }

    /// By the loop's clock, which stands still while the machine is suspended: the loop's other
    /// deadlines have it look again soon after.
    func leaseDeadline(at now: Instant) -> Instant? {
        leaseDue.map { now + $0.since(.now) }
    }

    func tendLease() {
        guard let due = leaseDue, due <= .now else { return }
        handleLease(.tick)
    }

    private func handleLease(_ event: Lease.Event) {
        guard !shutdown.isStopping, let facts = facts.lease else { return }
        var lease = Lease(facts: facts)
        let actions = lease.handle(event, at: .now)
        self.facts.lease = lease.facts
        // Before an effect of it leaves PID 1.
        keepState()
        for action in actions {
            switch action {
            case .note(let text): log.info("\(text)")
            case .warn(let text): log.warning("\(text)")
            case .replaceService: replaceLeaseService()
            case .end(let reason): endLease(reason)
            }
        }
    }

    private func endLease(_ reason: String) {
        lease.reason = reason
        guard !lease.isAwaited else { return }
        log.error("\(reason): the session ends")
        endWithoutLease()
    }

    private func endWithoutLease() {
        let code = facts.lease?.exitCode ?? 0
        perform(shutdown.handle(.over(code), situation, at: .now))
    }

    /// An earlier program image of PID 1 may have trapped while it ended the container.
    func takeUpLease() {
        if facts.lease?.state == .over { endWithoutLease() }
    }

    private var leasePlace: Int? {
        services.group.services.firstIndex { $0.specification.name == LeaseService.name }
    }

    /// Another one takes its place, as of any service that ends.
    private func replaceLeaseService() {
        if let place = leasePlace { killService(place) }
    }

    /// What `health` says of a lease that is not held.
    var leaseAilment: String? {
        facts.lease.flatMap { StatusReport.Lease($0, at: .now).ailment }
    }
}

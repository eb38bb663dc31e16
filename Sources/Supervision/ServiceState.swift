import Control
import Linux

/// A service as it passes from one program image of PID 1 to the next.
struct ServiceState: Equatable, Sendable {
    var service: ServiceGroup.Service
    var reading: CInt
    var writing: CInt
    var relay: CInt
    /// The pipe on which it will say that it is ready.
    var notification: CInt?
    /// The process group that it has left behind while the container stops.
    var remains: CInt?

    var descriptors: [CInt] {
        [reading] + (writing >= 0 ? [writing] : []) + (notification.map { [$0] } ?? [])
            + service.specification.inherited
    }
}

extension ServiceState: Record {
    func write(to writer: inout RecordWriter) {
        service.specification.write(to: &writer)
        writer.write(service.state.rawValue)
        writer.write(service.process)
        writer.write(service.since.nanoseconds)
        writer.write(service.readyBy) { $0.write($1.nanoseconds) }
        writer.write(service.beatBy) { $0.write($1.nanoseconds) }
        writer.write(service.stoppedSince) { $0.write($1.nanoseconds) }
        writer.write(service.cause) { $0.write($1.rawValue) }
        writer.write(service.hasBeenUp)
        service.lifecycle.write(to: &writer)
        writer.write(reading)
        writer.write(writing)
        writer.write(relay)
        writer.write(notification) { $0.write($1) }
        writer.write(remains) { $0.write($1) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let specification = try ServiceSpecification(from: &reader)
        let raw = try reader.integer(UInt8.self)
        guard let state = ServiceGroup.State(rawValue: raw) else { throw .unknownCase(raw) }
        let process = try reader.integer(CInt.self)
        let since = Instant(nanoseconds: try reader.integer())
        let readyBy = try reader.optional { reader throws(RecordError) in
            Instant(nanoseconds: try reader.integer())
        }
        let beatBy = try reader.optional { reader throws(RecordError) in
            Instant(nanoseconds: try reader.integer())
        }
        let stoppedSince = try reader.optional { reader throws(RecordError) in
            Instant(nanoseconds: try reader.integer())
        }
        let cause = try reader.optional {
            reader throws(RecordError) -> ServiceGroup.Cause in
            let raw = try reader.integer(UInt8.self)
            guard let cause = ServiceGroup.Cause(rawValue: raw) else { throw .unknownCase(raw) }
            return cause
        }
        let hasBeenUp = try reader.bool()
        service = ServiceGroup.Service(
            specification: specification, state: state, process: process,
            lifecycle: try ServiceLifecycle(
                from: &reader, pauses: specification.isRequired ? .requiredService : .service),
            since: since, readyBy: readyBy, beatBy: beatBy, stoppedSince: stoppedSince,
            cause: cause, hasBeenUp: hasBeenUp)
        reading = try reader.integer()
        writing = try reader.integer()
        relay = try reader.integer()
        notification = try reader.optional { reader throws(RecordError) in try reader.integer() }
        remains = try reader.optional { reader throws(RecordError) in try reader.integer() }
    }
}

extension ServiceLifecycle {
    func write(to writer: inout RecordWriter) {
        writer.write(restarts)
        writer.write(UInt32(clamping: series))
        writer.write(lastFailure) { $0.write($1.nanoseconds) }
        writer.write(due) { $0.write($1.nanoseconds) }
    }

    /// The clock is the same for every program image (`CLOCK_MONOTONIC`), so moments stay.
    init(from reader: inout RecordReader, pauses: Pauses) throws(RecordError) {
        self.init(restarts: try reader.integer(), pauses: pauses)
        series = Int(try reader.integer(UInt32.self))
        lastFailure = try reader.optional { reader throws(RecordError) in
            Instant(nanoseconds: try reader.integer())
        }
        due = try reader.optional { reader throws(RecordError) in
            Instant(nanoseconds: try reader.integer())
        }
    }
}

extension Supervisor {
    var serviceStates: [ServiceState] {
        services.group.services.indices.map { place in
            let output = services.outputs[place]
            let specification = services.group.services[place].specification
            var notification: CInt?
            if case .descriptor = specification.readiness {
                notification = services.checks[place].descriptor
            }
            return ServiceState(
                service: services.group.services[place], reading: output.reading,
                writing: output.writing, relay: output.relay, notification: notification,
                remains: services.remaining[place])
        }
    }

    /// Takes the services over as they are.
    func resume(_ states: [ServiceState]) throws(SystemCallError) {
        services.group.services = states.map(\.service)
        for (place, state) in states.enumerated() {
            services.outputs.append(
                .init(reading: state.reading, writing: state.writing, relay: state.relay))
            services.checks.append(.init(descriptor: state.notification))
            services.remaining[place] = state.remains
            if let notification = state.notification {
                try poll.add(notification, for: .readable, token: checkToken(place))
            } else if case .port = state.service.specification.readiness,
                state.service.state == .starting || state.service.beatBy != nil
            {
                services.checks[place].due = .now
            }
        }
    }

    /// Does what was not done any more about services and relays that were reaped. How they ended is
    /// lost, so it counts as a failure.
    func takeUpServices() {
        for place in services.group.services.indices {
            let process = services.group.services[place].process
            if process > 0, !Processes.isChild(process) {
                serviceEnded(place, process, .exited(70))
            }
            let relay = services.outputs[place].relay
            if relay > 0, !Processes.isChild(relay) { _ = relayEnded(relay, .exited(70)) }
        }
    }
}

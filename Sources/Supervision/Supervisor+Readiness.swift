import Control
import Linux
import Logging

/// Whether services are ready: what PID 1 looks at without ever waiting for it.
extension Supervisor {
    /// More than a service says to be ready.
    private static let longestNotification = 64
    /// At most so much is taken of a descriptor at once: all that a pipe holds (pipe(7)).
    private static let mostRead = 64 << 10

    /// Something has come of looking whether the service is ready, or works.
    func checkServices(token: UInt64) {
        guard let place = services.checks.indices.first(where: { checkToken($0) == token }),
            let descriptor = services.checks[place].descriptor
        else { return }
        if case .port = services.group.services[place].specification.readiness {
            return isConnected(descriptor) ? noteSign(place) : retryConnection(place)
        }
        let isReady = services.group.services[place].state == .ready
        var octets = [UInt8](
            repeating: 0, count: isReady ? Self.mostRead : Self.longestNotification)
        let count: Int
        do throws(SystemCallError) {
            guard let received = try Descriptors.read(descriptor, into: &octets) else { return }
            count = received
        } catch {
            count = 0
        }
        if octets.prefix(count).contains(0x0a) { return noteSign(place) }
        if isReady {
            // No newline, or nothing any more: it is late in the end.
            if count == 0 { endCheck(place) } else { rest(place) }
            return
        }
        services.checks[place].octets += count
        if count == 0 || services.checks[place].octets >= Self.longestNotification {
            endCheck(place)
            // One that we have killed has closed it because of that.
            guard services.group.services[place].cause == nil, !shutdown.isStopping else { return }
            log.warning("service \(name(place)): no newline came on its descriptor for readiness")
        }
    }

    func checkToken(_ place: Int) -> UInt64 {
        Token.services + services.checks[place].generation << 8 + UInt64(place)
    }

    /// The service has shown that it is ready, or once more that it works.
    private func noteSign(_ place: Int) {
        let isFirst = services.group.services[place].state == .starting
        perform(services.group.handle(isFirst ? .ready(place) : .beat(place), at: .now))
        if services.group.services[place].beatBy == nil { endCheck(place) } else { rest(place) }
    }

    /// Until the next look nothing is looked at, however often the service shows itself.
    private func rest(_ place: Int) {
        guard let heartbeat = services.group.services[place].specification.heartbeat else { return }
        if case .port = services.group.services[place].specification.readiness {
            endCheck(place)
            services.checks[place].due = .now + heartbeat.scaled(1, 2)
        } else if let descriptor = services.checks[place].descriptor {
            try? poll.remove(descriptor)
            services.checks[place].due = .now + heartbeat.scaled(1, 4)
        }
    }

    /// What is due of the check.
    func lookAgain(_ place: Int) {
        services.checks[place].due = nil
        guard !shutdown.isStopping else { return }
        guard let descriptor = services.checks[place].descriptor else {
            return tryConnection(place)
        }
        try? poll.add(descriptor, for: .readable, token: checkToken(place))
    }

    /// Connects to the loopback, by IPv4 and IPv6 in turn.
    private func tryConnection(_ place: Int) {
        guard case .port(let port) = services.group.services[place].specification.readiness else {
            return
        }
        let isVersion4 = services.checks[place].tries % 2 == 0
        services.checks[place].tries += 1
        services.checks[place].due = nil
        do throws(SystemCallError) {
            let socket = try InternetSocket.stream(
                connectingTo: Endpoint(
                    isVersion4 ? .v4(0x7f00_0001) : .v6(0, 1, scope: 0), port: port))
            try poll.add(socket.raw, for: .writable, token: checkToken(place))
            services.checks[place].descriptor = socket.release()
        } catch {
            retryConnection(place)
        }
    }

    private func isConnected(_ socket: CInt) -> Bool {
        do throws(SystemCallError) {
            return try InternetSocket.pendingError(of: socket) == nil
        } catch {
            return false
        }
    }

    private func retryConnection(_ place: Int) {
        let tries = services.checks[place].tries
        endCheck(place)
        services.checks[place].tries = tries
        services.checks[place].due = .now + (tries < 50 ? 20 : 100)
    }

    func endCheck(_ place: Int) {
        let descriptor = services.checks[place].descriptor
        services.checks[place] = .init(generation: services.checks[place].generation &+ 1)
        // Closing takes it out of the poll as well.
        if let descriptor { retire(descriptor) }
    }
}

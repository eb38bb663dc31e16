import Control
import Linux
import Logging

/// Whether services are ready: what PID 1 looks at without ever waiting for it.
extension Supervisor {
    /// More than a service says to be ready.
    private static let longestNotification = 64

    /// Something has come of looking whether the service is ready.
    func checkServices(token: UInt64) {
        guard let place = services.checks.indices.first(where: { checkToken($0) == token }),
            let descriptor = services.checks[place].descriptor
        else { return }
        if case .port = services.group.services[place].specification.readiness {
            return isConnected(descriptor) ? becomeReady(place) : retryConnection(place)
        }
        var octets = [UInt8](repeating: 0, count: Self.longestNotification)
        let count: Int
        do throws(SystemCallError) {
            guard let received = try Descriptors.read(descriptor, into: &octets) else { return }
            count = received
        } catch {
            count = 0
        }
        services.checks[place].octets += count
        if octets.prefix(count).contains(0x0a) {
            becomeReady(place)
        } else if count == 0 || services.checks[place].octets >= Self.longestNotification {
            endCheck(place)
            // One that we have killed has closed it because of that.
            guard !services.group.services[place].isLate, !shutdown.isStopping else { return }
            log.warning("service \(name(place)): no newline came on its descriptor for readiness")
        }
    }

    func checkToken(_ place: Int) -> UInt64 {
        Token.services + services.checks[place].generation << 8 + UInt64(place)
    }

    private func becomeReady(_ place: Int) {
        endCheck(place)
        perform(services.group.handle(.ready(place), at: .now))
    }

    /// Connects to the loopback, by IPv4 and IPv6 in turn.
    func tryConnection(_ place: Int) {
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

import Control
import Linux
import Logging

/// PID 1's end of the channel to the metrics server: it hears one octet, and has a report written.
extension Supervisor {
    /// Between two reports for the server; what it asks meanwhile waits.
    private static let metricsPause: Milliseconds = 250

    /// Hears the metrics server from now on.
    public func serveMetrics(on channel: consuming OwnedDescriptor) throws(SystemCallError) {
        try poll.add(channel.raw, for: .readable, token: Token.metrics)
        metricsChannel = channel.release()
    }

    func receiveMetricsRequest() {
        guard let channel = metricsChannel else { return }
        // Its octets mean nothing: that there are some is the question. One longer is cut.
        var message: [UInt8] = [0]
        guard case .moved = Linux.receive(into: &message, limit: 1, from: channel) else { return }
        // Whatever the server does, it has PID 1's time four times a second.
        try? poll.remove(channel)
        metricsAgain = .now + Self.metricsPause
        do throws(SystemCallError) {
            // One place is the operator's alone.
            guard reporters.count < Self.reportLimit - 1 else { return refuseMetrics() }
            try spawnReport([MetricsServer.name], to: channel)
        } catch {
            if faultLines.admit(at: .now) { log.error("cannot write a report: \(error)") }
            refuseMetrics()
        }
    }

    private func refuseMetrics() {
        guard let channel = metricsChannel else { return }
        let busy = MetricsServer.busy
        _ = Linux.send(busy.span, to: channel)
    }

    func listenToMetrics(at now: Instant) {
        guard let again = metricsAgain, again <= now, let channel = metricsChannel else { return }
        metricsAgain = nil
        do throws(SystemCallError) {
            try poll.add(channel, for: .readable, token: Token.metrics)
        } catch {
            metricsAgain = now + Self.metricsPause
        }
    }
}

import Linux
import Profile
import Supervision

extension BootSequence {
    /// Binds the port of the metrics server, where the profile wants one, and makes its channel: before
    /// anybody else could take the port, and by PID 1, as the server itself may bind nothing.
    func openMetrics(_ configuration: BootConfiguration) throws(BootFailure) {
        guard let port = configuration.profile.metrics.port else { return }
        do throws(SystemCallError) {
            let listener = try InternetSocket.listen(everywhere: port)
            let channel = try UnixSocket.messagePair()
            let server = try channel.second.duplicate()
            metricsService = MetricsServer.specification(
                executable: executable, listener: listener.release(), channel: server.release())
            try supervisor.serveMetrics(on: channel.takeFirst())
        } catch {
            throw BootFailure(
                .unavailable, "cannot open the port \(port) for metrics: \(error): choose another")
        }
    }
}

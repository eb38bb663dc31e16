import Linux
import Supervision

extension BootSequence {
    /// Starts the services of the profile and waits until they are up.
    ///
    /// They come after the lockdown, the read-only root and the verified cage, because they are as
    /// little trusted as the agent; after the clone, because they may serve what is in it; and
    /// before the agent, because it may use them.
    func startServices(_ agent: AgentSetting) throws(BootFailure) {
        var specifications = agent.configuration.services
        let variables = leaseVariables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        for place in specifications.indices { specifications[place].environment += variables }
        specifications += metricsService.map { [$0] } ?? []
        guard !specifications.isEmpty else { return }
        try attempting("start the services", .unavailable) { () throws(SystemCallError) in
            try supervisor.startServices(specifications)
        }
        let failure: String?
        do throws(Supervisor.Interruption) {
            failure = try supervisor.awaitServices()
        } catch {
            switch error {
            case .stopped(let signal): throw BootFailure(stoppedBy: signal.number)
            case .timedOut: failure = nil
            }
        }
        if let failure {
            throw BootFailure(.unavailable, "\(failure): see what it said")
        }
    }
}

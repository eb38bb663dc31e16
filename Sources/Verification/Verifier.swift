public import Confinement
import Linux
import SystemPackage

/// Runs attacks in processes that are confined like the agent, side by side.
public struct Verifier: Sendable {
    /// For all of it; a process that is not done by then is ended, and what it owes is not held.
    private static let patience: Milliseconds = 4_500

    private let prober: Prober
    private let executable: String

    /// - Parameters:
    ///   - cage: the agent's.
    ///   - executable: what knows `probe`: this program.
    public init(
        cage: Cage, scene: Scene, audits: Bool, executable: String = System.ownExecutable
    ) {
        self.executable = executable
        prober = Prober(
            cage: cage, scene: scene, audits: audits, writesRecords: true, attacks: [])
    }

    /// One finding for each attack, in their order.
    public func findings(for attacks: [Attack]) -> [Finding] {
        let deadline = Instant.now + Self.patience
        let groups = Self.groups(of: attacks)
        // All are started before the first is waited for.
        let running = groups.map { group in start(group.map(\.name)) }
        var found: [String: Finding] = [:]
        for (group, process) in zip(groups, running) {
            let (records, why) = Self.collect(process, until: deadline)
            for finding in records { found[finding.attack] = finding }
            for attack in group where found[attack.name] == nil {
                found[attack.name] = Finding(attack: attack.name, verdict: .untold(why), time: 0)
            }
        }
        return attacks.compactMap { found[$0.name] }
    }

    /// What waits for a network that may say nothing is in a process of its own, so that a broken
    /// cage is told in time too.
    static func groups(of attacks: [Attack]) -> [[Attack]] {
        let together = attacks.filter { $0.pace == .fast && $0.subject != .egress }
        let alone = attacks.filter { $0.pace == .slow || $0.subject == .egress }
        return alone.map { [$0] } + (together.isEmpty ? [] : [together])
    }

    private enum Running: Sendable {
        case process(CInt, output: CInt)
        case failed(SystemCallError)
    }

    private func start(_ names: [String]) -> Running {
        var prober = prober
        prober.attacks = names
        do throws(SystemCallError) {
            let pipe = try DescriptorPair.pipe()
            let process = try Processes.spawn(
                SpawnRequest(
                    executable, ["codetainer"] + prober.arguments,
                    descriptors: [(source: pipe.second.raw, target: 1)]))
            return .process(process, output: pipe.takeFirst().release())
        } catch {
            return .failed(error)
        }
    }

    /// - Returns: what the process found, and why there is no more.
    private static func collect(_ running: Running, until deadline: Instant) -> ([Finding], String)
    {
        guard case .process(let process, let output) = running else {
            if case .failed(let error) = running { return ([], "\(error)") }
            return ([], "")
        }
        let pipe = OwnedDescriptor(adopting: output)
        do throws(SystemCallError) {
            let end = try Processes.endDescriptor(of: process)
            let poll = try Poll()
            try poll.add(end.raw, for: .readable, token: 0)
            var isOver = false
            while !isOver, Instant.now < deadline {
                isOver = try !poll.wait(deadline.since(.now)).isEmpty
            }
            if !isOver { try? send(.kill, to: process) }
            let status = try Processes.wait(for: process)
            // Its lines are far less than a pipe holds, so it never waited for us.
            let text = String(decoding: try Files.read(pipe, subject: "findings"), as: UTF8.self)
            let findings = text.split(separator: "\n").compactMap { Finding(record: $0) }
            return (findings, isOver ? "its process \(status)" : "it was not over in time")
        } catch {
            return ([], "\(error)")
        }
    }
}

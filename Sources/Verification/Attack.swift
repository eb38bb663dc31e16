public import Linux
public import SystemPackage

/// What an attempt came to.
public enum Answer: Hashable, Sendable {
    /// It did what it should not.
    case done
    case refused(Errno)
    /// The process was ended for it.
    case ended(Signal)
    /// Neither: what was said instead.
    case said(String)
}

/// One attempt of an attack, and what came of it.
public struct Observation: Equatable, Sendable {
    public let what: String
    public let answer: Answer

    public init(_ what: String, _ answer: Answer) { (self.what, self.answer) = (what, answer) }
}

/// What can stop an attack: the layers of the cage by the names that `status` and the README use.
public enum Stop: String, Sendable {
    case packetFilter = "nftables"
    /// There is nowhere to send it to, as with `--network none`.
    case noRoute = "no route"
    /// The kernel's net.ipv4.ping_group_range leaves the agent's group out.
    case pingGroups = "ping_group_range"
    case resolver
    /// The port was taken before the agent was there.
    case boundFirst = "bound first"
    case seccomp
    /// The agent's sets of capabilities and its bounding set are empty.
    case noCapability = "no capability"
    /// Another uid's.
    case identity
    case noNewPrivileges = "no-new-privileges"
    case hiddenProcesses = "hidepid"
    case readOnly = "read-only"
    case mountOptions = "nosuid,nodev"
    case landlock
    case limit = "size limit"
    /// PID 1 asks the kernel who is calling, and reads no more than a line.
    case controlSocket = "control socket"
    /// What there is to attack is not there at all.
    case absent
}

/// What the attacks are told about the container they run in.
public struct Scene: Sendable {
    /// The resolver's process; 0 when it is not known.
    public var resolver: CInt = 0
    public var controlSocket: FilePath

    public init(resolver: CInt = 0, controlSocket: FilePath) {
        (self.resolver, self.controlSocket) = (resolver, controlSocket)
    }
}

/// Acts of one kind, tried one after the other.
struct Trial: Sendable {
    let what: String
    let run: @Sendable (Scene) throws(SystemCallError) -> [Observation]

    init(
        _ what: String, _ run: @escaping @Sendable (Scene) throws(SystemCallError) -> [Observation]
    ) {
        (self.what, self.run) = (what, run)
    }
}

/// An attack on the cage from inside, with the same kind of act beside it that must work.
public struct Attack: Sendable {
    public enum Pace: Sendable {
        /// Over at once; boot tries it.
        case fast
        /// It has to wait for something.
        case slow
    }

    public enum Subject: Sendable {
        case process
        /// What `CODETAINER_EGRESS=audit` lets pass.
        case egress
        /// What `allow-user-namespaces` of the profile opens.
        case namespaces
    }

    public let name: String
    /// Of the catalogue of attacks.
    public let rows: [Int]
    public let subject: Subject
    public let pace: Pace
    /// What may stop it, by the answer that shows so. Any other answer is a breach.
    let stops: [Answer: Stop]
    let control: Trial
    let attempts: Trial

    init(
        _ name: String, rows: [Int], subject: Subject = .process, pace: Pace = .fast,
        stops: [Answer: Stop], control: Trial, attempts: Trial
    ) {
        (self.name, self.rows, self.subject, self.pace) = (name, rows, subject, pace)
        (self.stops, self.control, self.attempts) = (stops, control, attempts)
    }

    /// What the control is: the act that must work.
    public var controlDescription: String { control.what }

    /// Tries the control, then the attack, in the calling process.
    ///
    /// - Parameter controls: what became of controls in this process; the same one, which several
    ///   attacks stand beside, is tried once.
    func tried(in scene: Scene, controls: inout [String: String?]) -> Finding {
        let start = Instant.now
        let failure = controls[control.what] ?? failureOfControl(in: scene)
        controls[control.what] = .some(failure)
        let verdict = failure.map { .untold("the control failed: \($0)") } ?? verdict(in: scene)
        return Finding(attack: name, verdict: verdict, time: Instant.now.since(start))
    }

    private func failureOfControl(in scene: Scene) -> String? {
        do throws(SystemCallError) {
            return try control.run(scene).first { $0.answer != .done }.map { "\($0)" }
        } catch {
            return "\(error)"
        }
    }

    private func verdict(in scene: Scene) -> Finding.Verdict {
        do throws(SystemCallError) {
            let observed = try attempts.run(scene)
            if let breach = observed.first(where: { stops[$0.answer] == nil }) {
                return .broken("\(breach)")
            }
            guard !observed.isEmpty else { return .untold("nothing could be tried") }
            return .held(
                layer: observed.compactMap { stops[$0.answer]?.rawValue }.unique
                    .joined(separator: ", "),
                answers: observed.map(\.answer.symbol).unique.joined(separator: " "))
        } catch {
            return .untold("it could not be tried: \(error)")
        }
    }
}

extension Array where Element: Hashable {
    /// Each element once, where it stands first.
    var unique: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

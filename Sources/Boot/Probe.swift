import Control
import Linux
import Session
import SystemPackage

/// An act that must fail in the cage, with the same kind of act that must work beside it.
///
/// `codetainer probe` runs as the agent, under the agent's confinement, before the agent does.
public struct Probe: Sendable {
    public enum Outcome: Equatable, Sendable {
        case held
        /// The act that must fail did not, or failed otherwise than it should.
        case broken(String)
        /// The act that must work did not: the probe proves nothing.
        case unproven(String)
    }

    public let name: String
    /// The act that must work.
    let control: @Sendable () throws -> Void
    /// The act that must fail, and with what.
    let attack: @Sendable () throws -> Void
    let expected: Set<Errno>
    var isAboutEgress = false

    public func run() -> Outcome {
        do { try control() } catch { return .unproven("the control failed: \(error)") }
        do {
            try attack()
            return .broken("it succeeded")
        } catch let error as SystemCallError where expected.contains(error.cause) {
            return .held
        } catch {
            return .broken("it failed with \(error)")
        }
    }

    /// Every probe that needs no waiting.
    public static let fast: [Probe] = [
        deniedName, deniedAddress, deniedDatagram, writeToRoot, readEnvironment, becomeRoot,
        gainCapability, newNamespace, mount,
    ]

    /// The same without those that an audit lets pass.
    public static let fastInAudit = fast.filter { !$0.isAboutEgress }

    private static let deniedEndpoint = Endpoint(.v4(ProbeTarget.address), port: ProbeTarget.port)
    private static let responder = Endpoint(.v4(0x7f00_0035), port: 53)

    /// The control is a name that the responder answers by itself.
    static let deniedName = Probe(
        name: "denied name",
        control: { try ask("localhost") },
        attack: { try ask(ProbeTarget.name) },
        expected: [.noSuchFileOrDirectory], isAboutEgress: true)

    /// The control is a listener of the probe's own.
    static let deniedAddress = Probe(
        name: "denied address",
        control: {
            let listener = try InternetSocket.listen(at: Endpoint(.v4(0x7f00_0001), port: 0))
            try connect(try InternetSocket.local(of: listener.raw))
        },
        attack: { try connect(deniedEndpoint) },
        expected: [.connectionRefused], isAboutEgress: true)

    static let deniedDatagram = Probe(
        name: "denied datagram",
        control: {
            let listener = try InternetSocket.datagrams(
                boundTo: Endpoint(.v4(0x7f00_0001), port: 0))
            try sendDatagram(to: try InternetSocket.local(of: listener.raw), heardOn: listener.raw)
        },
        attack: { try sendDatagram(to: deniedEndpoint) },
        expected: [.notPermitted, .noRouteToHost, .permissionDenied, .connectionRefused],
        isAboutEgress: true)

    static let writeToRoot = Probe(
        name: "write to /",
        // Nowhere that may be a volume: what an earlier agent left there could make the control fail.
        control: {
            let own = SessionPlan.socketDirectory(user: System.userID)
            try create(FilePath("\(own)/.codetainer-probe"))
        },
        attack: { try create("/.codetainer-probe") },
        expected: [.readOnlyFileSystem, .permissionDenied])

    static let readEnvironment = Probe(
        name: "read /proc/1/environ",
        control: { _ = try Files.read("/proc/self/environ") },
        attack: { _ = try Files.read("/proc/1/environ") },
        expected: [.noSuchFileOrDirectory, .permissionDenied, .notPermitted])

    static let becomeRoot = Probe(
        name: "become root",
        control: { try Privileges.become(onlyUser: System.userID) },
        attack: { try Privileges.become(onlyUser: 0) },
        expected: [.notPermitted])

    static let gainCapability = Probe(
        name: "gain a capability",
        control: { try Privileges.keepCapabilities([]) },
        attack: {
            guard Privileges.boundingSet().isEmpty else {
                throw SystemCallError("prctl", "the bounding set is not empty", .badAddress)
            }
            try Privileges.keepCapabilities(.networkAdministration)
        },
        expected: [.notPermitted])

    /// The control is a new process without a new namespace.
    static let newNamespace = Probe(
        name: "new user namespace",
        control: { try startProcess() },
        attack: { try Namespaces.unshare(Namespaces.user) },
        expected: [.notPermitted])

    static let mount = Probe(
        name: "mount",
        control: { _ = try FileStatus(of: "/tmp") },
        attack: { try Mounting.mount("tmpfs", at: "/tmp", type: "tmpfs", options: []) },
        expected: [.notPermitted])

    // MARK: Acts

    /// Asks the responder; a denied name is `ENOENT`.
    private static func ask(_ name: String) throws {
        let socket = try InternetSocket.datagrams(connectedTo: responder)
        let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let query: [UInt8] = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + labels + [0, 0, 1, 0, 1]
        _ = try socket.write(query)
        var answer = [UInt8](repeating: 0, count: 512)
        try waitUntilReadable(socket.raw)
        guard let count = try socket.read(into: &answer), count >= 12, answer[1] == 7 else {
            throw SystemCallError("read", "an answer for \(name)", .timedOut)
        }
        // RCODE 3, "Name Error" (RFC 1035 §4.1.1).
        switch answer[3] & 0x0f {
        case 0: return
        case 3: throw SystemCallError("resolve", name, .noSuchFileOrDirectory)
        case let code: throw SystemCallError("resolve", "\(name): code \(code)", .badAddress)
        }
    }

    private static func connect(_ endpoint: Endpoint) throws {
        let socket = try InternetSocket.stream(connectingTo: endpoint)
        let poll = try Poll()
        try poll.add(socket.raw, for: .writable, token: 0)
        guard try !poll.wait(1_000).isEmpty else {
            throw SystemCallError("connect", "", .timedOut)
        }
        if let cause = try InternetSocket.pendingError(of: socket.raw) {
            throw SystemCallError("connect", "", cause)
        }
    }

    /// Sends one octet. The refusal comes back as an ICMP message, and so as the socket's error.
    ///
    /// - Parameter listener: who must hear it; nil when nobody can.
    private static func sendDatagram(to endpoint: Endpoint, heardOn listener: CInt? = nil) throws {
        let socket = try InternetSocket.datagrams(connectedTo: endpoint)
        _ = try socket.write([0])
        let poll = try Poll()
        try poll.add(socket.raw, for: [], token: 0)
        if let listener { try poll.add(listener, for: .readable, token: 1) }
        _ = try poll.wait(100)
        if let cause = try InternetSocket.pendingError(of: socket.raw) {
            throw SystemCallError("write", "", cause)
        }
    }

    private static func startProcess() throws {
        let null = try Files.appending(to: "/dev/null", mode: 0)
        let process = try Processes.spawn(
            SpawnRequest(
                System.ownExecutable, ["codetainer", "--version"], descriptors: [(null.raw, 1)]))
        guard try Processes.wait(for: process).isSuccess else {
            throw SystemCallError("waitpid", "a child", .noChildProcess)
        }
    }

    private static func create(_ path: FilePath) throws {
        _ = try Files.appending(to: path, mode: 0o600)
        Files.remove(path)
    }

    private static func waitUntilReadable(_ descriptor: CInt) throws {
        let poll = try Poll()
        try poll.add(descriptor, for: .readable, token: 0)
        guard try !poll.wait(1_000).isEmpty else {
            throw SystemCallError("epoll_wait", "an answer", .timedOut)
        }
    }
}

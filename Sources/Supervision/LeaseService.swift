import Confinement
import Linux
import SystemPackage

/// How the service that asks the licence server is started: a program of its own, because it has a
/// TLS library and reads what the network sends; with a uid of its own, no capability, an allow-list
/// of system calls, and no file to write.
public enum LeaseService {
    /// What it is called in reports.
    public static let name = "licence"
    /// Its uid and gid, which nobody else has.
    public static let user: UInt32 = 64056
    /// The program, in an image that has it.
    public static let program = "/usr/local/lib/codetainer/codetainer-lease"

    /// What it is told on its command line, where everybody of its uid could read it: no secret.
    public struct Settings: Equatable, Sendable {
        public var url: String
        public var port: UInt16
        public var product: String
        /// A file of PEM certificates.
        public var authorities: String
        /// Seconds.
        public var heartbeat: UInt32
        /// Of the server: nobody can use it without the key.
        public var session: String

        public init(
            url: String, port: UInt16, product: String, authorities: String, heartbeat: UInt32,
            session: String
        ) {
            self.session = session
            (self.url, self.port, self.product) = (url, port, product)
            (self.authorities, self.heartbeat) = (authorities, heartbeat)
        }
    }

    /// - Parameters:
    ///   - channel: its end of the channel to PID 1; its descriptor 3.
    ///   - key: a memory file with the key; its descriptor 4.
    public static func specification(_ settings: Settings, channel: CInt, key: CInt)
        -> ServiceSpecification
    {
        var cage = Cage(
            identity: .init(user: user, group: user), filter: .lease,
            limits: [.init(.openFiles, 64), .init(.processes, 16)], keptDescriptors: 5,
            newSession: true, directory: "/")
        // It is given none.
        cage.environment = .callers
        cage.isQuiet = true
        if LandlockSupport.current.number > 0 { cage.reach = reach(settings) }
        var specification = ServiceSpecification(
            name: name,
            command: [
                program, settings.url, settings.product, settings.authorities,
                "\(settings.heartbeat)", settings.session,
            ], cage: cage.options, restart: .always, stopGrace: 3_000, isRequired: false)
        specification.inherited = [channel, key]
        return specification
    }

    private static func reach(_ settings: Settings) -> Reach {
        var reach = Reach()
        reach.writable = []
        reach.readable = ["/usr", "/lib", "/lib64", "/etc", settings.authorities].filter(
            isThere)
        reach.executable = ["/usr/local/lib/codetainer", "/usr/lib", "/lib", "/lib64"].filter(
            isThere)
        reach.connectable = [53, settings.port]
        reach.bindable = []
        reach.isScoped = true
        return reach
    }
    private static func isThere(_ path: String) -> Bool {
        (try? FileStatus(of: FilePath(path))).flatMap { $0 } != nil
    }
}

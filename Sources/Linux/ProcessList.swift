import CLinux
import SystemPackage

/// A process with what decides whose it is.
public struct ProcessEntry: Hashable, Sendable {
    public let process: CInt
    public let parent: CInt
    /// Its effective uid.
    public let user: UInt32
    /// The process that leads its session; 0 where that is not known.
    public let session: CInt

    public init(process: CInt, parent: CInt, user: UInt32, session: CInt = 0) {
        (self.process, self.parent, self.user) = (process, parent, user)
        self.session = session
    }
}

extension Processes {
    /// Every process that /proc shows, at about one moment.
    public static func all() -> [ProcessEntry] {
        ((try? Files.names(in: "/proc")) ?? []).compactMap { CInt($0) }.compactMap { process in
            ProcessStatus.of(process).map {
                ProcessEntry(
                    process: process, parent: $0.parent, user: $0.users[1], session: $0.session)
            }
        }
    }

    /// Sends signals to `process` if it is one of `user`'s; its number may be another's by now, and
    /// what is sent to a descriptor reaches no other (pidfd_send_signal(2)).
    public static func signal(_ process: CInt, of user: UInt32, _ signals: [Signal]) {
        guard let descriptor = try? endDescriptor(of: process),
            ProcessStatus.of(process)?.users.contains(user) == true
        else { return }
        for signal in signals {
            _ = codetainer_pidfd_send_signal(descriptor.raw, signal.number)
        }
    }
}

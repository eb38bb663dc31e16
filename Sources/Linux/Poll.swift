import CLinux
import Glibc
import SystemPackage

/// What a descriptor is ready for (epoll_ctl(2)).
public struct Readiness: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let readable = Readiness(rawValue: 0x001)
    public static let writable = Readiness(rawValue: 0x004)
    public static let failed = Readiness(rawValue: 0x008)
    public static let hungUp = Readiness(rawValue: 0x010)
    /// The peer closed its sending side (`EPOLLRDHUP`).
    public static let peerClosed = Readiness(rawValue: 0x2000)
}

/// An epoll instance; level-triggered. Tokens say which registration an event belongs to.
public struct Poll: ~Copyable, Sendable {
    public struct Event: Sendable {
        public let token: UInt64
        public let readiness: Readiness
    }

    /// What a wait has found; its memory serves one wait after the other.
    public struct Events: RandomAccessCollection, Sendable {
        private static let most = 64

        private var ready = [codetainer_event](repeating: codetainer_event(), count: most)
        public private(set) var endIndex = 0

        public var startIndex: Int { 0 }

        /// None, and room for 64.
        public init() {}

        public subscript(position: Int) -> Event {
            let event = ready[position]
            return Event(token: event.token, readiness: Readiness(rawValue: event.events))
        }

        /// - Returns: false when the wait has failed; there are no events then.
        fileprivate mutating func fill(from epoll: CInt, _ timeout: CInt) -> Bool {
            let count = unsafe ready.withUnsafeMutableBufferPointer { buffer in
                unsafe codetainer_epoll_wait(epoll, buffer.baseAddress, CInt(Self.most), timeout)
            }
            endIndex = Swift.max(0, Int(count))
            return count >= 0
        }
    }

    private let epoll: OwnedDescriptor

    public init() throws(SystemCallError) {
        epoll = OwnedDescriptor(adopting: try checked(codetainer_epoll_create(), "epoll_create1"))
    }

    public func add(_ descriptor: CInt, for readiness: Readiness, token: UInt64)
        throws(SystemCallError)
    {
        try control(1, descriptor, readiness, token)
    }

    public func modify(_ descriptor: CInt, for readiness: Readiness, token: UInt64)
        throws(SystemCallError)
    {
        try control(3, descriptor, readiness, token)
    }

    public func remove(_ descriptor: CInt) throws(SystemCallError) {
        try control(2, descriptor, [], 0)
    }

    /// Waits for events, at most `timeout` (nil: for ever); a signal ends the wait with none.
    ///
    /// - SeeAlso: epoll_wait(2)
    public func wait(_ timeout: Milliseconds?) throws(SystemCallError) -> Events {
        var events = Events()
        _ = try wait(timeout, for: &events)
        return events
    }

    /// Puts what it finds in the place of what `events` holds: for a loop, whose next turn waits for
    /// no memory then.
    ///
    /// - Returns: whether the wait was interrupted: with every signal blocked, by a stop and a
    ///   continuation (signal(7)).
    public func wait(
        _ timeout: Milliseconds?, for events: inout Events
    ) throws(SystemCallError) -> Bool {
        if events.fill(from: epoll.raw, timeout.map(Self.rounded) ?? -1) { return false }
        let cause = Errno.current
        guard cause == .interrupted else { throw SystemCallError("epoll_wait", "", cause) }
        return true
    }

    /// Whole milliseconds, rounded up, so that a timer that is due is due when the wait ends.
    private static func rounded(_ timeout: Milliseconds) -> CInt {
        let milliseconds = (max(0, timeout.nanoseconds) + 999_999) / 1_000_000
        return CInt(clamping: milliseconds)
    }

    private func control(
        _ operation: CInt, _ descriptor: CInt, _ readiness: Readiness, _ token: UInt64
    ) throws(SystemCallError) {
        try checked(
            codetainer_epoll_control(epoll.raw, operation, descriptor, readiness.rawValue, token),
            "epoll_ctl", "descriptor \(descriptor)")
    }
}

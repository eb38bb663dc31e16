import CLinux
import Glibc

/// One end of a channel of messages to another process: a pipe in each direction, in packet mode.
///
/// A message of up to 4,096 octets goes whole or not at all and is read whole (pipe(7), `O_DIRECT`).
/// To the other process and back takes two thirds of what it takes over a pair of sockets, and
/// somebody waits for what goes over this.
public struct PipeChannel: Equatable, Sendable {
    /// What comes from the other end: readable at its end, too.
    public let incoming: CInt
    /// What goes to the other end. Who writes there when that is gone must ignore SIGPIPE.
    public let outgoing: CInt

    public init(incoming: CInt, outgoing: CInt) {
        (self.incoming, self.outgoing) = (incoming, outgoing)
    }

    /// Sends a message, if there is room for it.
    ///
    /// - SeeAlso: write(2)
    public func send(_ octets: Span<UInt8>) -> Transfer {
        Transfer(
            unsafe octets.withUnsafeBufferPointer {
                unsafe Glibc.write(outgoing, $0.baseAddress, $0.count)
            })
    }

    /// Receives a message, if there is one; what does not fit is lost. `.moved(0)`: the other end is
    /// closed.
    ///
    /// - SeeAlso: read(2)
    public func receive(into buffer: inout [UInt8]) -> Transfer {
        Transfer(
            unsafe buffer.withUnsafeMutableBytes {
                unsafe Glibc.read(incoming, $0.baseAddress, $0.count)
            })
    }

    public var descriptors: [CInt] { [incoming, outgoing] }

    public func close() {
        Descriptors.close(incoming)
        Descriptors.close(outgoing)
    }
}

/// Both ends of a channel, closed when their owner goes.
public struct PipeChannelPair: ~Copyable, Sendable {
    /// What the second sends, and the first receives.
    private let toFirst: DescriptorPair
    private let toSecond: DescriptorPair

    /// Octets that wait in one direction, of which a message takes a page, however short it is. What a
    /// user's pipes hold together is limited (/proc/sys/fs/pipe-user-pages-soft), so it is not more.
    private static let room: CInt = 1 << 18

    /// - SeeAlso: pipe2(2), `O_DIRECT`, `O_NONBLOCK`
    public init() throws(SystemCallError) {
        let one = try Self.pipe()
        let other = try Self.pipe()
        toFirst = one
        toSecond = other
    }

    private static func pipe() throws(SystemCallError) -> DescriptorPair {
        var ends: [CInt] = [-1, -1]
        try checked(unsafe codetainer_packet_pipe(&ends, Self.room), "pipe2")
        return DescriptorPair(first: ends[0], second: ends[1])
    }

    public var first: PipeChannel {
        PipeChannel(incoming: toFirst.first.raw, outgoing: toSecond.second.raw)
    }

    public var second: PipeChannel {
        PipeChannel(incoming: toSecond.first.raw, outgoing: toFirst.second.raw)
    }

    /// Gives up both.
    public consuming func release() -> (first: PipeChannel, second: PipeChannel) {
        let ends = (first: first, second: second)
        _ = toFirst.release()
        _ = toSecond.release()
        return ends
    }

    /// Gives up the first; the second is closed.
    public consuming func releaseFirst() -> PipeChannel {
        let incoming = toFirst.takeFirst()
        let outgoing = toSecond.takeSecond()
        return PipeChannel(incoming: incoming.release(), outgoing: outgoing.release())
    }
}

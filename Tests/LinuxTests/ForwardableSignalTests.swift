import Linux
import Testing

@Suite struct ForwardableSignalTests {
    @Test func whatIsForwarded() {
        let forwarded = Set(Signal.forwardable)
        #expect(forwarded.count == 64 - 15)
        for signal: Signal in [
            .terminate, .interrupt, .quit, .hangUp, .user1, .user2, .windowChange, .terminalStop,
            .continue, Signal(14), Signal(30), Signal(34), Signal(64),
        ] {
            #expect(forwarded.contains(signal), "\(signal)")
        }
        // Of the kernel, of the process itself, and libc's.
        for number: Int32 in [9, 19, 17, 4, 5, 6, 7, 8, 11, 31, 13, 21, 22, 32, 33] {
            #expect(!forwarded.contains(Signal(number)), "\(Signal(number))")
        }
    }
}

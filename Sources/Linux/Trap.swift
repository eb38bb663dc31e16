/// What made PID 1 execute itself: a signal that a defect of its own caused, or that somebody sent as
/// if one had (sigaction(2), `siginfo_t`).
public struct Trap: Equatable, Sendable, CustomStringConvertible {
    public enum Origin: Equatable, Sendable {
        /// The kernel's reason, and the address that it is about.
        case fault(code: CInt, address: UInt64)
        /// The process that sent it.
        case sent(by: CInt)
    }

    public let signal: Signal
    public let origin: Origin
    /// Where in the program, from its start, as nm(1) counts; nil when it was outside of its code.
    public let offset: UInt64?
    /// Traps of the minute that ends with this one, which is the last.
    public let moments: [Instant]

    /// For how long a trap counts.
    public static let memory: Milliseconds = 60_000
    /// Most traps of a minute that are remembered.
    public static let mostRemembered = 64

    public init(signal: Signal, origin: Origin, offset: UInt64?, moments: [Instant]) {
        (self.signal, self.origin) = (signal, origin)
        (self.offset, self.moments) = (offset, moments)
    }

    /// Reads the words that the handler in CLinux/Trap.c adds to `supervise STATE`; nil when they are
    /// none of its.
    public init?(words: some Collection<String>) {
        let words = Array(words)
        guard words.count >= 5, words.count <= 4 + Self.mostRemembered,
            let number = CInt(words[0]), (1...64).contains(number),
            let counter = UInt64(words[3], radix: 16)
        else { return nil }
        if words[1] == "sent" {
            guard let sender = CInt(words[2]) else { return nil }
            origin = .sent(by: sender)
        } else {
            guard let code = CInt(words[1]), let address = UInt64(words[2], radix: 16) else {
                return nil
            }
            origin = .fault(code: code, address: address)
        }
        signal = Signal(number)
        offset = counter == 0 ? nil : counter
        var moments: [Instant] = []
        for word in words.dropFirst(4) {
            guard let nanoseconds = Int64(word) else { return nil }
            moments.append(Instant(nanoseconds: nanoseconds))
        }
        self.moments = moments
    }

    public var description: String {
        let place = offset.map { ", at 0x" + String($0, radix: 16) + " of the program" } ?? ""
        return switch origin {
        case .fault(let code, let address):
            "\(signal) (code \(code), address 0x\(String(address, radix: 16))\(place))"
        case .sent(let sender): "\(signal) (sent by process \(sender)\(place))"
        }
    }
}

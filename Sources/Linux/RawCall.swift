import CLinux
import Glibc
import SystemPackage

/// A system call by its number, for those who try what must be refused (syscall(2)).
public struct RawCall: Sendable {
    /// A word, or octets whose address is the word.
    public enum Argument: Sendable, ExpressibleByIntegerLiteral {
        case word(UInt64)
        case octets([UInt8])

        public init(integerLiteral word: UInt64) { self = .word(word) }

        /// A C string.
        public static func text(_ text: String) -> Argument { .octets(Array(text.utf8) + [0]) }
        public static func descriptor(_ number: CInt) -> Argument {
            .word(UInt64(bitPattern: Int64(number)))
        }
    }

    public let number: Int
    /// At most six.
    public let arguments: [Argument]

    public init(number: Int, _ arguments: [Argument]) {
        precondition(arguments.count <= 6)
        (self.number, self.arguments) = (number, arguments)
    }

    /// What became of calls that a child made one after the other.
    public struct Outcome: Equatable, Sendable {
        /// Of each call that came back: nil when it succeeded.
        public let errors: [Errno?]
        public let status: ExitStatus
    }

    /// Makes the calls in a child that ends after the last: nothing of the caller changes.
    ///
    /// - Parameter copiesMemory: whether the child has memory of its own, which what changes or
    ///   dumps it needs.
    /// - Throws: `SystemCallError` where there is no child.
    public static func attempt(_ calls: [RawCall], copiesMemory: Bool = false)
        throws(SystemCallError) -> Outcome
    {
        var memory: [UnsafeMutablePointer<UInt8>] = unsafe []
        defer { for index in unsafe memory.indices { unsafe memory[index].deallocate() } }
        var words: [Int] = []
        for call in calls {
            words.append(call.number)
            for argument in call.arguments {
                switch argument {
                case .word(let word): words.append(Int(truncatingIfNeeded: word))
                case .octets(let octets):
                    let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: octets.count)
                    unsafe pointer.initialize(from: octets, count: octets.count)
                    unsafe memory.append(pointer)
                    words.append(Int(bitPattern: pointer))
                }
            }
            words += [Int](repeating: 0, count: 6 - call.arguments.count)
        }
        var errors = [CInt](repeating: 0, count: calls.count)
        var made: CInt = 0
        let status = try checked(
            unsafe codetainer_attempt(
                words, CInt(calls.count), copiesMemory ? 1 : 0, &errors, &made), "fork")
        return Outcome(
            errors: errors.prefix(Int(made)).map { $0 == 0 ? nil : Errno(rawValue: $0) },
            status: ExitStatus(waitStatus: status))
    }
}

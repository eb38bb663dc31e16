import Glibc
public import SystemPackage

/// A failed system call: what was tried, on what, and why not.
public struct SystemCallError: Error, Equatable, CustomStringConvertible {
    public let call: String
    public let subject: String
    public let cause: Errno

    public init(_ call: StaticString, _ subject: String, _ cause: Errno) {
        self.call = call.description
        self.subject = subject
        self.cause = cause
    }

    public var description: String {
        subject.isEmpty ? "\(call): \(cause)" : "\(call) \(subject): \(cause)"
    }
}

extension Errno {
    /// The calling thread's error number. Read it on the very next line after the call.
    @inline(__always)
    static var current: Errno { Errno(rawValue: errno) }
}

/// Turns a C result below zero into an error.
///
/// - Throws: `SystemCallError` with the error number that the call left.
@inline(__always)
@discardableResult
func checked<Result: SignedInteger>(
    _ result: Result, _ call: StaticString, _ subject: @autoclosure () -> String = ""
) throws(SystemCallError) -> Result {
    guard result < 0 else { return result }
    let cause = Errno.current
    throw SystemCallError(call, subject(), cause)
}

/// A version of this program: three numbers (semver.org).
public struct ProgramVersion: Comparable, Sendable, CustomStringConvertible {
    private let numbers: [UInt32]

    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.allSatisfy { $0.isASCII && $0.isNumber } ? UInt32(part) : nil
        }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.numbers = numbers
    }

    /// The line that a program of ours says: `codetainer 1.2.3`.
    public init?(answer: String) {
        guard answer.hasPrefix("codetainer "), answer.hasSuffix("\n") else { return nil }
        self.init(answer.dropFirst("codetainer ".count).dropLast())
    }

    public static func < (left: ProgramVersion, right: ProgramVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }

    public var description: String { numbers.map(String.init).joined(separator: ".") }
}

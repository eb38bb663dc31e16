/// Why a value cannot be the secret that a profile asks for.
public enum SecretDefect: Error, Equatable, Sendable {
    case notSet
    case empty
    case surroundedByWhitespace
    case containsWhitespace
    case containsControlCharacter
    case notASCII

    /// What is wrong and what to do, without a byte of the value.
    public func sentence(for name: String) -> String {
        switch self {
        case .notSet:
            "secret \(name) is not set: pass it with `docker run -e \(name)` (see README, Secrets)"
        case .empty:
            "secret \(name) is empty: set it in the shell that runs `docker run -e \(name)`"
        case .surroundedByWhitespace:
            "secret \(name) starts or ends with whitespace: remove it, often a line break left by a paste"
        case .containsWhitespace:
            "secret \(name) contains whitespace: copy it again, in one piece"
        case .containsControlCharacter:
            "secret \(name) contains a control character: copy it again, as plain text"
        case .notASCII:
            "secret \(name) contains a character outside ASCII: copy it again, as plain text"
        }
    }

    /// The first defect of `value`; nil when it can be used.
    ///
    /// Tokens of every service served here are printable ASCII without spaces.
    public static func find(in value: String?) -> SecretDefect? {
        guard let value else { return .notSet }
        let bytes = Array(value.utf8)
        guard let first = bytes.first, let last = bytes.last else { return .empty }
        if bytes.allSatisfy(isWhitespace) { return .empty }
        if isWhitespace(first) || isWhitespace(last) { return .surroundedByWhitespace }
        if bytes.contains(where: isWhitespace) { return .containsWhitespace }
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }) { return .containsControlCharacter }
        if bytes.contains(where: { $0 > 0x7f }) { return .notASCII }
        return nil
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }
}

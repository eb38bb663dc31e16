/// A text that was refused: which, as what, where in its line, and why.
///
/// Its description is one line, safe to print whatever the text held:
/// `"exa mple.com" is not a domain name: a space is not allowed`.
public struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the text was read as.
    public enum Expectation: Hashable, Sendable {
        case domainName, address, addressRange, port, portList, transport, rule

        var refusal: String {
            switch self {
            case .domainName: "is not a domain name"
            case .address: "is not an IP address"
            case .addressRange: "is not an address range"
            case .port: "is not a port"
            case .portList: "is not a list of ports"
            case .transport: "is not a transport"
            case .rule: "cannot be a rule"
            }
        }
    }

    /// The offending text, escaped and shortened for printing.
    public let text: String
    /// What the text was read as.
    public let expectation: Expectation
    /// Where the fault is, in Unicode scalars from the start of the line, counted from 1.
    public let column: Int
    /// Why, and where it helps, what to write instead.
    public let reason: String

    /// The text, what it is not, and why, on one line.
    public var description: String { "\"\(text)\" \(expectation.refusal): \(reason)" }
}

/// Why a text is not a domain name.
public typealias DomainNameError = SyntaxError

/// A fault while the text is still bytes: offsets are those of the bytes being read.
struct Fault: Error {
    let expectation: SyntaxError.Expectation
    /// The bytes that the message quotes.
    let quoted: Range<Int>
    /// The byte that the message points at.
    let offset: Int
    let reason: String

    init(
        _ expectation: SyntaxError.Expectation, quoting quoted: Range<Int>, at offset: Int? = nil,
        _ reason: String
    ) {
        self.expectation = expectation
        self.quoted = quoted
        self.offset = offset ?? quoted.lowerBound
        self.reason = reason
    }

    /// The same fault as a person reads it; `lineStart` is where column 1 is.
    func located(in text: Span<UInt8>, lineStart: Int) -> SyntaxError {
        var column = 1
        for position in lineStart..<max(lineStart, offset) where isScalarStart(text[position]) {
            column += 1
        }
        return SyntaxError(
            text: PrintableText.excerpt(of: text, in: quoted), expectation: expectation,
            column: column, reason: reason)
    }

    /// Whether a byte begins a scalar in UTF-8 (RFC 3629 §3: the others are 10xxxxxx).
    private func isScalarStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }
}

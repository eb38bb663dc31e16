/// What git asks its credential helper for (git-credential(1), "INPUT/OUTPUT FORMAT").
///
/// Lines of `key=value` up to an empty line; of a key that comes twice the last counts, and keys
/// that are not known here are passed over, as git asks of helpers. Only this program's own
/// process, which is the agent's, reads them: PID 1 gets no more than a host.
public struct GitCredential: Equatable, Sendable {
    public private(set) var scheme: String?
    public private(set) var host: String?
    public private(set) var username: String?

    /// A line that has no `=`, or text that is not UTF-8 or has a NUL.
    public struct Malformed: Error, Equatable {
        public init() {}
    }

    public init(parsing octets: [UInt8]) throws(Malformed) {
        guard let text = String(validating: octets, as: UTF8.self), !octets.contains(0) else {
            throw Malformed()
        }
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { break }
            guard let equals = line.firstIndex(of: "=") else { throw Malformed() }
            let value = String(line[line.index(after: equals)...])
            switch String(line[..<equals]) {
            case "protocol": scheme = value
            case "host": host = value
            case "username": username = value
            default: continue
            }
        }
    }

    /// The host to ask the broker for; nil when there is no credential for such a question: one is
    /// given for https alone.
    public var brokeredHost: String? { scheme == "https" ? host : nil }

    /// Whether a credential of `username` answers the question.
    public func accepts(username: String) -> Bool {
        self.username == nil || self.username == username
    }
}

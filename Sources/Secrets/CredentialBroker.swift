import Linux

/// Holds the credentials that the agent may ask for by host, and counts what was asked.
///
/// The token is in no file and no command line: git asks `codetainer credential`, which asks here.
///
/// - SeeAlso: gitcredentials(7)
public struct CredentialBroker: Sendable {
    public struct Credential: Sendable {
        public let host: String
        public let username: String
        public let secret: Secret

        public init(host: String, username: String, secret: Secret) {
            (self.host, self.username, self.secret) = (host, username, secret)
        }
    }

    public private(set) var credentials: [Credential]
    /// Credentials handed out since boot.
    public private(set) var served: UInt64
    /// Questions for a host without a credential.
    public private(set) var refused: UInt64

    public init(_ credentials: [Credential], served: UInt64 = 0, refused: UInt64 = 0) {
        (self.credentials, self.served, self.refused) = (credentials, served, refused)
    }

    /// The credential for exactly `host` (with its port, where it has one), counted.
    public mutating func credential(for host: String) -> Credential? {
        guard let found = credentials.first(where: { $0.host == host }) else {
            refused &+= 1
            return nil
        }
        served &+= 1
        return found
    }
}

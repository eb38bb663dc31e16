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
        /// How often it was handed out since boot.
        public fileprivate(set) var served: UInt64

        public init(host: String, username: String, secret: Secret, served: UInt64 = 0) {
            (self.host, self.username, self.secret) = (host, username, secret)
            self.served = served
        }
    }

    public private(set) var credentials: [Credential]
    /// Questions for a host without a credential.
    public private(set) var refused: UInt64

    public init(_ credentials: [Credential], refused: UInt64 = 0) {
        (self.credentials, self.refused) = (credentials, refused)
    }

    /// The credential for exactly `host` (with its port, where it has one), counted.
    public mutating func credential(for host: String) -> Credential? {
        guard let index = credentials.firstIndex(where: { $0.host == host }) else {
            refused &+= 1
            return nil
        }
        credentials[index].served &+= 1
        return credentials[index]
    }
}

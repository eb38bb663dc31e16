/// What the licence server is asked: the body of a POST, docs/licensing.md.
public struct LeaseQuestion: Equatable, Sendable {
    public enum Action: String, Sendable {
        /// Begins the session, or goes on with it where the server knows it.
        case acquire
        case renew
        case release
    }

    /// Of the exchange; an answer has the same.
    public static let version = 1
    /// Behind the server's address.
    public static let path = "/v1/lease"
    /// Longest answer that is read, in octets.
    public static let longestAnswer = 16 << 10

    public var action: Action
    /// 32 hexadecimal digits, drawn anew at each boot.
    public var session: String
    public var product: String
    /// Seconds until the next question, at most.
    public var heartbeat: UInt32

    public init(action: Action, session: String, product: String, heartbeat: UInt32) {
        (self.action, self.session) = (action, session)
        (self.product, self.heartbeat) = (product, heartbeat)
    }

    /// The document up to the key, which is put between this and `tail`; no character of any part
    /// needs an escape (see `LicenceKey`).
    public var head: String {
        "{\"version\":\(Self.version),\"action\":\"\(action.rawValue)\",\"session\":\"\(session)\",\"product\":\"\(product)\",\"heartbeat\":\(heartbeat),\"key\":\""
    }
    public static let tail = "\"}"
}

/// What a licence is worth: how many sessions may run at once, and what the program may ask for.
public enum LeaseTier: UInt8, CaseIterable, Sendable {
    case starter = 1
    case professional
    case enterprise

    /// As the server writes it, and the agent reads it.
    public var name: String {
        switch self {
        case .starter: "starter"
        case .professional: "professional"
        case .enterprise: "enterprise"
        }
    }

    public init?(name: String) {
        guard let tier = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = tier
    }

    /// Sessions at once, where the server names no number; nil for any number.
    public var sessionLimit: UInt32? {
        switch self {
        case .starter: 2
        case .professional: 10
        case .enterprise: nil
        }
    }

    /// Requests a minute, where the server names no number; nil for any number.
    public var requestLimit: UInt32? {
        switch self {
        case .starter: 100
        case .professional: 1000
        case .enterprise: nil
        }
    }
}

/// What the server grants, until it is asked again.
public struct LeaseTerms: Equatable, Sendable {
    public var tier: LeaseTier
    /// Sessions of the licence that run now, this one among them.
    public var sessionsUsed: UInt32
    /// Nil for any number.
    public var sessionLimit: UInt32?
    /// Requests a minute; nil for any number.
    public var requestLimit: UInt32?
    /// Seconds until the licence ends; nil for one that does not say.
    public var secondsLeft: UInt32?

    public init(
        tier: LeaseTier, sessionsUsed: UInt32, sessionLimit: UInt32?, requestLimit: UInt32?,
        secondsLeft: UInt32? = nil
    ) {
        (self.tier, self.sessionsUsed) = (tier, sessionsUsed)
        (self.sessionLimit, self.requestLimit) = (sessionLimit, requestLimit)
        self.secondsLeft = secondsLeft
    }
}

/// Why a server that answers grants nothing.
public enum LeaseRefusal: UInt8, CaseIterable, Sendable {
    case invalid = 1
    case malformed
    case expired
    case revoked
    /// As many sessions run as may.
    case full
}

/// Why there is no answer that could be read.
public enum LeaseFault: UInt8, CaseIterable, Sendable {
    /// The server's name has no address.
    case name = 1
    /// Nobody listens, or the way is closed.
    case connection
    case timeOut
    /// Its certificate is not one that the authorities vouch for, or is another host's.
    case certificate
    /// No TLS, or the connection broke within.
    case transport
    /// An HTTP status that is none of the protocol's.
    case status
    /// It sends somewhere else; nobody goes there with a key.
    case redirect
    /// More than an answer may have.
    case tooLong
    /// Not the document that the protocol has.
    case nonsense
    /// The service that asks has not been heard of.
    case silence
}

import DNSWire
import Policy

/// What an upstream said about a question, reduced to what may be relayed: the chain of aliases
/// that starts at the question, and the addresses at its end. Nothing else of the upstream's
/// message is kept, so nothing else can reach a client.
struct Answer: Equatable, Sendable {
    /// Longest chain of aliases that is followed; longer ones exist in loops only.
    static let longestChain = 16
    /// Most addresses that are kept, and granted, of one answer.
    static let mostAddresses = 64

    /// `noError`, or `nameError` when the name at the chain's end does not exist.
    var responseCode = ResponseCode.noError
    /// The targets of the aliases, one wire name after the other.
    var aliases: [UInt8] = []
    var aliasCount = 0
    var addresses: [Address] = []
    /// Seconds for which all of it may be kept: the least of its records' times.
    var timeToLive: UInt32 = 0
    /// An address that was withheld because it is not public and the policy does not name it.
    var filtered: Address?
    /// How many were withheld.
    var filteredCount = 0

    /// True when the chain's end has nothing of what was asked for (RFC 2308 §2).
    var isNegative = false

    /// True when there is nothing to give, because there is nothing or because all is withheld.
    var isEmpty: Bool { isNegative || addresses.isEmpty && filtered != nil }

    /// Octets in memory, near enough to bound a cache by.
    var footprint: Int {
        MemoryLayout<Answer>.size + aliases.count + addresses.count * MemoryLayout<Address>.stride
    }
}

/// Bounds for how long an answer is kept, in seconds.
enum TimeToLive {
    static let least: UInt32 = 1
    static let most: UInt32 = 86_400
    /// RFC 2308 §5 lets a negative answer live for hours; a name that just appeared cannot wait.
    static let mostNegative: UInt32 = 900
    /// What a denial says of itself; short, because the policy may be reloaded.
    static let denial: UInt32 = 10

    /// RFC 2181 §8: the upper bit set means zero; zero would never be granted in time.
    static func clamped(_ seconds: UInt32) -> UInt32 {
        seconds > UInt32(Int32.max) ? least : min(max(seconds, least), most)
    }
}

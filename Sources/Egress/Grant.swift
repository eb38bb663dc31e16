/// Leave to reach a destination for a time.
public struct Grant: Hashable, Sendable {
    public var destination: Destination
    /// Counted from when the kernel takes it; 0 counts as 1.
    public var seconds: UInt32
    /// Which name of the policy gave the address, cut at 127 octets; kept in the kernel beside it,
    /// so that whoever lists the set sees why it is open. A renewal keeps the first, also one for
    /// another name with the same address.
    public var name: String
    /// Whether the policy means the private address that it is about; only then it opens one.
    public var isPrivate: Bool
    /// Whether it is the lease service's alone.
    public var isLeased: Bool

    public init(
        _ destination: Destination, seconds: UInt32, name: String = "", isPrivate: Bool = false,
        isLeased: Bool = false
    ) {
        self.destination = destination
        self.seconds = seconds
        self.name = name
        self.isPrivate = isPrivate
        self.isLeased = isLeased
    }
}

/// A grant as the kernel holds it.
public struct LiveGrant: Hashable, Sendable {
    public var destination: Destination
    /// The lifetime that it was granted or last renewed with.
    public var seconds: UInt32
    public var secondsLeft: UInt32
    public var name: String
    /// Whether it is in the set that is looked at before private addresses are refused.
    public var isPrivate: Bool

    public init(
        destination: Destination, seconds: UInt32, secondsLeft: UInt32, name: String,
        isPrivate: Bool = false
    ) {
        self.destination = destination
        (self.seconds, self.secondsLeft, self.name) = (seconds, secondsLeft, name)
        self.isPrivate = isPrivate
    }

    /// What grants the rest of it, into a table that takes this one's place.
    public var grant: Grant {
        Grant(destination, seconds: secondsLeft, name: name, isPrivate: isPrivate)
    }
}

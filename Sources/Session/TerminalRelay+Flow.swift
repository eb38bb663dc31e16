import Linux

/// Octets on their way in one direction: read again when all of them are written.
struct Flow {
    /// As many as may be on their way.
    static let capacity = 16 << 10

    private var buffer = [UInt8](repeating: 0, count: capacity)
    private var pending = 0..<0

    var isEmpty: Bool { pending.isEmpty }
    var octets: [UInt8] { Array(buffer[pending]) }

    /// Reads, once, from a source with this readiness; false when the source is gone.
    mutating func take(_ readiness: Readiness, from source: borrowing OwnedDescriptor) -> Bool {
        guard readiness.isDisjoint(with: [.hungUp, .failed]) else { return false }
        guard readiness.contains(.readable), isEmpty else { return true }
        do throws(SystemCallError) {
            guard let count = try source.read(into: &buffer) else { return true }
            pending = 0..<count
            return count > 0
        } catch {
            return false
        }
    }

    /// Loses what is on its way.
    mutating func drop() { pending = 0..<0 }

    /// Sends two octets instead of what is on its way.
    mutating func replace(with octets: (UInt8, UInt8)) {
        (buffer[0], buffer[1]) = octets
        pending = 0..<2
    }

    /// Writes what there is room for; everything is lost on a sink that is gone.
    ///
    /// - Returns: whether there was room for anything.
    @discardableResult
    mutating func drain(into sink: borrowing OwnedDescriptor) -> Bool {
        guard !isEmpty else { return false }
        do throws(SystemCallError) {
            guard let count = try sink.write(buffer[pending]) else { return false }
            pending = pending.dropFirst(count)
            return count > 0
        } catch {
            pending = 0..<0
            return true
        }
    }
}

/// What a descriptor is watched for; the kernel is told of changes only.
struct Watch {
    private let descriptor: CInt
    private let token: UInt64
    /// Nil before and after.
    private var readiness: Readiness?
    private var hasEnded = false

    init(_ descriptor: CInt, token: UInt64) { (self.descriptor, self.token) = (descriptor, token) }

    mutating func update(reads: Bool, writes: Bool, in poll: borrowing Poll)
        throws(SystemCallError)
    {
        guard !hasEnded else { return }
        var wanted: Readiness = reads ? .readable : []
        if writes { wanted.insert(.writable) }
        guard wanted != readiness else { return }
        if readiness == nil {
            try poll.add(descriptor, for: wanted, token: token)
        } else {
            try poll.modify(descriptor, for: wanted, token: token)
        }
        readiness = wanted
    }

    /// A hang-up is reported whether it is asked for or not, and for ever: no more of it.
    mutating func end(in poll: borrowing Poll) throws(SystemCallError) {
        guard !hasEnded else { return }
        hasEnded = true
        try poll.remove(descriptor)
    }
}

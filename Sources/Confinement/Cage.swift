public import Linux

/// How a process is confined: a value that is passed as the options of `codetainer confine`.
public struct Cage: Equatable, Sendable {
    /// Whose numbers the process gets; nil keeps the caller's.
    public struct Identity: Hashable, Sendable {
        public let user: UInt32
        public let group: UInt32

        public init(user: UInt32, group: UInt32) { (self.user, self.group) = (user, group) }
    }

    public struct Limit: Hashable, Sendable {
        public let resource: ResourceLimit
        public let value: UInt64

        public init(_ resource: ResourceLimit, _ value: UInt64) {
            (self.resource, self.value) = (resource, value)
        }
    }

    public var identity: Identity?
    public var filter: SystemCallFilter
    public var limits: [Limit]
    /// Descriptors below this number stay open in the program; 3 keeps the standard ones only.
    public var keptDescriptors: UInt32
    public var newSession: Bool
    /// Where the program starts; nil keeps the caller's directory.
    public var directory: String?

    public init(
        identity: Identity? = nil, filter: SystemCallFilter = .agent, limits: [Limit] = [],
        keptDescriptors: UInt32 = 3, newSession: Bool = false, directory: String? = nil
    ) {
        self.identity = identity
        self.filter = filter
        self.limits = limits
        self.keptDescriptors = keptDescriptors
        self.newSession = newSession
        self.directory = directory
    }

    /// The layers that this cage puts on, in the order of `Layer`.
    public var layers: [Layer] {
        Layer.allCases.filter { layer in
            switch layer {
            case .session: newSession
            case .identity: identity != nil
            case .seccomp: filter != .none
            default: true
            }
        }
    }

    /// Confines the calling process, which must have one thread, for good.
    ///
    /// - Throws: `ConfinementError` with the layer that could not be put on, and why.
    public func confine() throws(ConfinementError) {
        for layer in layers {
            do throws(SystemCallError) {
                try apply(layer)
            } catch {
                throw ConfinementError(layer: layer, reason: error.description)
            }
        }
    }

    private func apply(_ layer: Layer) throws(SystemCallError) {
        switch layer {
        case .session: try System.startSession()
        case .descriptors: try System.hideDescriptors(from: keptDescriptors)
        case .resourceLimits:
            try Privileges.limit(.core, to: 0)
            for limit in limits { try Privileges.limit(limit.resource, to: limit.value) }
        case .boundingSet:
            try Privileges.limitBoundingSet(to: [])
            try Privileges.clearAmbientSet()
        case .secureBits:
            // Without CAP_SETPCAP the bits cannot be set; then there is no root to end either.
            if try Privileges.capabilities().effective.contains(.setPCap) {
                try Privileges.lockSecureBits()
            }
        case .identity:
            if let identity { try Privileges.become(user: identity.user, group: identity.group) }
        case .capabilities: try Privileges.keepCapabilities([])
        case .noNewPrivileges: try Privileges.forbidNewPrivileges()
        case .seccomp: try filter.load()
        }
    }
}

/// A layer that could not be put on; the program is not started.
public struct ConfinementError: Error, CustomStringConvertible {
    public let layer: Layer
    public let reason: String

    public var description: String { "cannot confine: \(layer.rawValue): \(reason)" }
}

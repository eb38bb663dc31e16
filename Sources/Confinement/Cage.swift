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

    /// Variables that the program sees.
    public enum Environment: Equatable, Sendable {
        /// Those of `usual`, and these.
        case usualAnd([String])
        /// The caller's as it is, who has made it for the program.
        case callers

        /// What says how to talk, and where programs are; nothing that is anybody's own.
        public static let usual: Set<String> = ["PATH", "TERM", "LANG", "TZ"]
    }

    public var identity: Identity?
    public var filter: SystemCallFilter
    /// What is in reach; nil leaves Landlock out.
    public var reach: Reach?
    public var limits: [Limit]
    /// How willingly the kernel ends it when memory runs out, up to 1000; nil keeps the caller's.
    public var outOfMemoryScore: UInt32?
    public var environment = Environment.usualAnd([])
    /// Descriptors below this number stay open in the program; 3 keeps the standard ones only.
    public var keptDescriptors: UInt32
    public var newSession: Bool
    /// With a new session: standard input becomes its controlling terminal.
    public var takesTerminal = false
    /// Where the program starts; nil keeps the caller's directory.
    public var directory: String?
    /// Optional layers without which the program is not started.
    public var required: Set<Layer> = []
    /// Says nothing of optional layers that are off; for a caller that has said it itself.
    public var isQuiet = false
    /// Says what fails as JSON objects, for a collector of logs.
    public var saysJSON = false

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
            case .environment: environment != .callers
            case .identity: identity != nil
            case .landlock: reach != nil
            case .seccomp: filter != .none
            default: true
            }
        }
    }

    /// Confines the calling process, which must have one thread, for good.
    ///
    /// - Parameter variables: the caller's environment, `NAME=value` each; then the program's.
    /// - Returns: optional layers that are off, or on in part.
    /// - Throws: `ConfinementError` with the layer that could not be put on, and why.
    public func confine(_ variables: inout [String]) throws(ConfinementError) -> [MissingLayer] {
        var missing: [MissingLayer] = []
        for layer in layers {
            do throws(SystemCallError) {
                switch layer {
                case .environment: variables = kept(of: variables)
                case .landlock: missing += try applyLandlock()
                default: try apply(layer)
                }
            } catch {
                let hint =
                    layer == .session && System.leadsGroup
                    ? ": it leads a process group: put `setsid --wait` in front" : ""
                throw ConfinementError(layer: layer, reason: error.description + hint)
            }
            if let missing = missing.first(where: { required.contains($0.layer) }) {
                throw ConfinementError(layer: missing.layer, reason: missing.reason)
            }
        }
        return missing
    }

    /// The program's environment; of two variables with one name both are kept or none.
    func kept(of variables: [String]) -> [String] {
        guard case .usualAnd(let names) = environment else { return variables }
        let kept = Environment.usual.union(names)
        return variables.filter { variable in
            kept.contains(String(variable.prefix { $0 != "=" }))
        }
    }

    private func apply(_ layer: Layer) throws(SystemCallError) {
        switch layer {
        case .session:
            try System.startSession()
            if takesTerminal { try System.takeTerminal() }
        case .descriptors: try System.hideDescriptors(from: keptDescriptors)
        case .resourceLimits:
            try Privileges.limit(.core, to: 0)
            for limit in limits { try Privileges.limit(limit.resource, to: limit.value) }
            if let outOfMemoryScore { try Privileges.raiseOutOfMemoryScore(to: outOfMemoryScore) }
        case .boundingSet: try Privileges.limitBoundingSet(to: [])
        case .inheritableSets:
            try Privileges.clearAmbientSet()
            try Privileges.clearInheritableSet()
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
        case .environment, .landlock: break
        }
    }

    private func applyLandlock() throws(SystemCallError) -> [MissingLayer] {
        guard let reach else { return [] }
        let support = LandlockSupport.current
        if case .absent(let reason) = support { return [.init(layer: .landlock, reason: reason)] }
        let plan = LandlockPlan(reach, version: support.number)
        try plan.enforce()
        return plan.gaps.map { .init(layer: .landlock, reason: "\($0.part): \($0.reason)") }
    }
}

/// An optional layer that this kernel does not have, or has in part.
public struct MissingLayer: Equatable, Sendable {
    public let layer: Layer
    public let reason: String
}

/// A layer that could not be put on; the program is not started.
public struct ConfinementError: Error, CustomStringConvertible {
    public let layer: Layer
    public let reason: String

    public var description: String { "cannot confine: \(layer.rawValue): \(reason)" }
}

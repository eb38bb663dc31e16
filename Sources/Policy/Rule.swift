/// The number of a rule in its allowlist, from 0, in the order of the sources.
public typealias RuleIndex = UInt32

/// Where a rule was written.
public struct RuleOrigin: Hashable, Sendable, CustomStringConvertible {
    /// The name of the source, a file's path as a rule.
    public let source: String
    /// Counted from 1.
    public let line: Int

    /// - Parameter line: counted from 1.
    public init(source: String, line: Int) {
        self.source = source
        self.line = line
    }

    /// `network/domains.conf:12`.
    public var description: String { "\(source):\(line)" }
}

/// One line of an allowlist: what it opens, and at which ports.
public struct Rule: Hashable, Sendable, CustomStringConvertible {
    /// Which names or addresses a rule is about.
    public enum Subject: Hashable, Sendable, CustomStringConvertible {
        /// `example.net`: this name alone.
        case exact(DomainName)
        /// `*.example.net`: any one or more labels below, not the name itself.
        case below(DomainName)
        /// `.example.net`: the name itself and everything below.
        case apexAndBelow(DomainName)
        /// `!example.net`: this name and everything below are denied, whatever allows them.
        case exception(DomainName)
        /// `203.0.113.0/24`: addresses without a name.
        case addresses(AddressRange)

        /// The rule's line up to its ports, without brackets.
        public var description: String {
            switch self {
            case .exact(let name): name.description
            case .below(let name): "*." + name.description
            case .apexAndBelow(let name): "." + name.description
            case .exception(let name): "!" + name.description
            case .addresses(let range): range.description
            }
        }
    }

    /// Which names or addresses.
    public let subject: Subject
    /// At which ports.
    public let service: Service
    /// Whether the name's private addresses are opened as well.
    public let opensPrivate: Bool
    /// Where it was written; rules that differ in this alone are not equal.
    public let origin: RuleOrigin

    /// The parts are taken as they are; only a list checks what a rule may open.
    public init(
        subject: Subject, service: Service, opensPrivate: Bool = false, origin: RuleOrigin
    ) {
        self.subject = subject
        self.opensPrivate = opensPrivate
        self.service = service
        self.origin = origin
    }

    /// Takes ports in any order; overlapping and adjacent ranges are merged.
    public init(
        subject: Subject, transport: Transport, ports: [PortRange], origin: RuleOrigin
    ) {
        let service = Service(transport: transport, ports: ports)
        self.init(subject: subject, service: service, origin: origin)
    }

    /// The transport of all `ports`.
    public var transport: Transport { service.transport }

    /// Ascending; no two overlap or touch.
    public var ports: [PortRange] { service.ports }

    /// The canonical line: two rules mean the same exactly when their lines are the same.
    ///
    /// Ports are left out where they are the default, TCP 443. An IPv6 range is in brackets when
    /// ports follow.
    public var description: String {
        opensPrivate ? "\(opening) \(PrivateWord.text)" : opening
    }

    private var opening: String {
        guard service != .https else { return subject.description }
        if case .addresses(let range) = subject, !range.base.isIPv4 {
            return "[\(range)]:\(service)"
        }
        return "\(subject):\(service)"
    }
}

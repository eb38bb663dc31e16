import Linux
import Policy

/// The command line of `codetainer resolver`, written by PID 1 and read by the resolver.
extension ResolverConfiguration {
    /// `--udp 3,4 --tcp 5 --grants 6,7 --policy 8 --upstream 192.0.2.1:53 …`
    public var arguments: [String] {
        var arguments: [String] = []
        func add(_ name: String, _ value: String) { arguments += ["--\(name)", value] }
        add("udp", datagramSockets.map(String.init).joined(separator: ","))
        add("tcp", streamSockets.map(String.init).joined(separator: ","))
        add("grants", "\(grants.incoming),\(grants.outgoing)")
        if let statistics { add("statistics", "\(statistics)") }
        if let packetLog { add("packet-log", "\(packetLog)") }
        add("policy", "\(policy)")
        for upstream in upstreams { add("upstream", upstream.text) }
        if relaysAAAA { add("aaaa", "yes") }
        if audits { add("audit", "yes") }
        add("new-names", "\(newNamesPerMinute)")
        if !leasedName.isEmpty { add("leased", leasedName) }
        return arguments
    }

    /// - Throws: `ArgumentError` that names the argument.
    public init(arguments: some Collection<String>) throws(ArgumentError) {
        var values: [String: [String]] = [:]
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), Self.names.contains(String(name.dropFirst(2))) else {
                throw ArgumentError("resolver: unknown argument \(name)")
            }
            guard let value = rest.popFirst() else {
                throw ArgumentError("resolver: \(name) needs a value")
            }
            values[String(name.dropFirst(2)), default: []].append(value)
        }
        func numbers(_ name: String) throws(ArgumentError) -> [CInt] {
            var numbers: [CInt] = []
            for text in (values[name] ?? []).flatMap({ $0.split(separator: ",") }) {
                guard let number = CInt(text), number >= 0 else {
                    throw ArgumentError("resolver: --\(name): \(text) is not a descriptor")
                }
                numbers.append(number)
            }
            return numbers
        }
        func required(_ name: String) throws(ArgumentError) -> CInt {
            guard let number = try numbers(name).first else {
                throw ArgumentError("resolver: --\(name) is missing")
            }
            return number
        }
        func channel(_ name: String) throws(ArgumentError) -> PipeChannel {
            let ends = try numbers(name)
            guard ends.count == 2 else {
                throw ArgumentError("resolver: --\(name) must be two descriptors")
            }
            return PipeChannel(incoming: ends[0], outgoing: ends[1])
        }
        var upstreams: [Endpoint] = []
        for text in values["upstream"] ?? [] {
            guard let endpoint = Endpoint(text) else {
                throw ArgumentError("resolver: --upstream: \(text) is not an address")
            }
            upstreams.append(endpoint)
        }
        guard !upstreams.isEmpty else { throw ArgumentError("resolver: --upstream is missing") }
        self.init(
            datagramSockets: try numbers("udp"), streamSockets: try numbers("tcp"),
            grants: try channel("grants"), statistics: try numbers("statistics").first,
            packetLog: try numbers("packet-log").first, policy: try required("policy"),
            upstreams: upstreams, relaysAAAA: values["aaaa"]?.last == "yes",
            audits: values["audit"]?.last == "yes",
            newNamesPerMinute: Int(try numbers("new-names").first ?? 60))
        leasedName = values["leased"]?.last ?? ""
    }

    private static let names: Set<String> = [
        "udp", "tcp", "grants", "statistics", "packet-log", "policy", "upstream", "aaaa", "audit",
        "new-names", "leased",
    ]

    /// A command line that is not one.
    public struct ArgumentError: Error, Equatable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }
}

extension Endpoint {
    /// `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`; without a port, 53. An
    /// interface's index may follow an IPv6 address: `fe80::1%2`.
    public init?(_ text: String) {
        var host = text[...]
        var port = Substring("53")
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if !rest.isEmpty { port = rest.dropFirst() }
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        var scope: UInt32 = 0
        if let percent = host.firstIndex(of: "%") {
            guard let index = UInt32(host[host.index(after: percent)...]) else { return nil }
            scope = index
            host = host[..<percent]
        }
        guard let port = UInt16(port), port > 0, let address = try? Policy.Address(parsing: host)
        else { return nil }
        switch address {
        case .v4(let bits): self.init(.v4(bits), port: port)
        case .v6(let high, let low): self.init(.v6(high, low, scope: scope), port: port)
        }
    }

    /// The address and port as `init(_:)` reads them.
    public var text: String {
        switch address {
        case .v4(let bits): "\(Policy.Address.v4(bits)):\(port)"
        case .v6(let high, let low, scope: 0): "[\(Policy.Address.v6(high, low))]:\(port)"
        case .v6(let high, let low, let scope):
            "[\(Policy.Address.v6(high, low))%\(scope)]:\(port)"
        }
    }
}

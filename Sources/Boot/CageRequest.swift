public import Supervision

/// What `init --cage` is asked for on its command line; the container's environment may add to it.
public struct CageRequest: Equatable, Sendable {
    /// The program and its arguments: the agent.
    public var command: [String]
    /// `NAME`, `UID` or `UID:GID`; nil for the usual choice (see `AgentAccount`).
    public var user: String?
    /// Where the agent may write, besides its home and the places for temporary files.
    public var writable: [String]
    /// Ports that may be reached from outside, as `CODETAINER_PUBLISH` has them.
    public var published: [String]

    public var terms: CommandTerms

    public init(
        command: [String], user: String? = nil, writable: [String] = [], published: [String] = [],
        terms: CommandTerms = CommandTerms()
    ) {
        (self.command, self.user) = (command, user)
        (self.writable, self.published, self.terms) = (writable, published, terms)
    }

    /// The same with `CODETAINER_USER` where no option says who, and with the paths of
    /// `CODETAINER_WRITABLE` (`:` between): an image's ENTRYPOINT is fixed, its environment is not.
    func adding(_ environment: [String: String]) -> CageRequest {
        var request = self
        if let user = environment["CODETAINER_USER"], !user.isEmpty {
            request.user = request.user ?? user
        }
        request.writable += (environment["CODETAINER_WRITABLE"] ?? "").split(separator: ":")
            .map(String.init)
        return request
    }
}

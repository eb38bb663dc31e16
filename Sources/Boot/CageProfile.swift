import Linux
import Profile
import SystemPackage

/// The profile of an image that has none: `init --cage` brings it along.
enum CageProfile {
    /// A file of the image that takes its place, but for the command.
    static let file: FilePath = "/etc/codetainer/profile.toml"

    /// Octets of each file system in memory.
    private static let size = 512 << 20

    static func make(_ request: CageRequest, agent: Account, image: ImageFacts) -> AgentProfile {
        var profile = AgentProfile(
            name: "cage", user: agent.name, command: request.command)
        profile.environment.passesAll = true
        profile.tmpfs = tmpfs(request, agent, image)
        let allowlists = profile.egress.allowlists.map { FilePath($0) }
        profile.egress.allowlists = allowlists.filter { file in
            (try? FileStatus(of: file)).flatMap { $0 } != nil
        }.map(\.string)
        profile.workspace.path = image.directory.string
        profile.workspace.repository = image.directory.string
        return profile
    }

    /// The command runs as the agent, headless, whatever else the profile says.
    static func run(_ request: CageRequest, in profile: inout AgentProfile) {
        profile.agent.command = request.command
        profile.agent.isHeadless = true
        profile.agent.takesPrompt = false
        profile.agent.onExit = .end
        profile.tmpfs += request.writable.filter { path in
            !profile.tmpfs.contains { FilePath($0.path) == FilePath(path) }
        }.map { AgentProfile.Tmpfs(at: $0, size: size, mode: 0o755) }
        profile.egress.published += request.published
    }

    private static func tmpfs(_ request: CageRequest, _ agent: Account, _ image: ImageFacts)
        -> [AgentProfile.Tmpfs]
    {
        var tmpfs = [AgentProfile.Tmpfs(at: "/tmp", size: size, owner: .root, mode: 0o1777)]
        // Programs do without it where the image does.
        let other: FilePath = "/var/tmp"
        if image.names(other) != nil, image.canBeWritable(other) {
            tmpfs.append(.init(at: other.string, size: size, owner: .root, mode: 0o1777))
        }
        if agent.home != "/tmp" {
            tmpfs.append(.init(at: agent.home.string, size: size, mode: 0o700))
        }
        return tmpfs
    }
}

import Foundation
import Testing

@testable import Profile

/// The profiles in the repository, as they are.
@Suite struct RepositoryProfileTests {
    private static let directory = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../profiles")

    private static func profile(_ name: String) throws -> AgentProfile {
        let file = directory.appending(path: "\(name).toml").path
        let files = ProfileFiles { path in
            FileManager.default.contents(atPath: path).map { .found(Array($0), identity: path) }
                ?? .absent
        }
        let text = try #require(FileManager.default.contents(atPath: file))
        return try ResolvedProfile(
            parsing: Array(text), file: file, identity: file, files: files
        ).profile
    }

    @Test func everyProfileIsGood() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
        let names = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
        #expect(
            Set(names) == [
                "claude", "claude-code", "codex", "executor", "gemini", "licensed", "shell",
                "workstation",
            ])
        for name in names {
            // `claude` is another name for `claude-code`.
            #expect(try Self.profile(name).name == (name == "claude" ? "claude-code" : name))
        }
    }

    @Test func shell() throws {
        let expected = AgentProfile(
            name: "shell", user: "claude",
            agent: .init(command: ["bash", "-l"], takesPrompt: false, session: "shell"),
            secrets: [.gitHub(isRequired: false, exposedAs: ["GH_PAT", "GH_TOKEN"])],
            environment: .init(
                passed: ["TZ"],
                set: [
                    .init(name: "COLORTERM", value: "truecolor"),
                    .init(name: "LANG", value: "C.UTF-8"),
                ]),
            tmpfs: .usual, files: .skeleton,
            workspace: .init(tracksUpstream: true))
        #expect(try Self.profile("shell") == expected)
    }

    @Test func workstation() throws {
        let profile = try Self.profile("workstation")
        #expect(profile.agent.isHeadless && profile.agent.onExit == .end)
        #expect(profile.writable == ["/app"] && profile.workspace.path == "/app")
        #expect(profile.workspace.usesSSH)
        #expect(profile.environment.takesSecrets && profile.environment.passesOthers)
        #expect(profile.environment.passed == [])
        #expect(profile.expectations.limits == [.memory, .processors, .processes])
        #expect(profile.expectations.noCredentials)
        #expect(
            profile.expectations.readOnly == [
                "/home/claude/.ssh", "/home/claude/.gitconfig", "/home/claude/.config/git",
                "/home/claude/.claude/.credentials.json", "/home/claude/.gemini/oauth_creds.json",
                "/home/claude/.gemini/google_accounts.json",
            ])
        // Nothing of the profile's own is where a person's file is mounted.
        #expect(Set(profile.files.map(\.path)).isDisjoint(with: profile.expectations.readOnly))
    }

    @Test func claudeCode() throws {
        let expected = AgentProfile(
            name: "claude-code", user: "claude",
            agent: .init(
                command: ["claude", "--dangerously-skip-permissions"], takesPrompt: true,
                session: "claude", onExit: .keep),
            secrets: [
                .gitHub(
                    isRequired: true, exposedAs: ["GH_PAT", "GH_TOKEN", "CODETAINER_NPM_TOKEN"]),
                .init(
                    name: "CLAUDE_CODE_OAUTH_TOKEN", exposedAs: ["CLAUDE_CODE_OAUTH_TOKEN"],
                    credential: .init(host: "api.anthropic.com", username: "oauth")),
            ],
            environment: .init(
                passed: ["TZ"],
                set: [
                    .init(name: "COLORTERM", value: "truecolor"),
                    .init(name: "DISABLE_AUTOUPDATER", value: "1"),
                    .init(name: "GH_CONFIG_DIR", value: "/opt/gh-config"),
                    .init(name: "GOPATH", value: "/home/claude/go"),
                    .init(name: "GOPROXY", value: "https://proxy.golang.org,off"),
                    .init(name: "GOTELEMETRY", value: "off"),
                    .init(name: "LANG", value: "C.UTF-8"),
                ]),
            tmpfs: .usual,
            links: [
                .init(path: "/home/claude/.local/bin/claude", target: "/usr/local/bin/claude"),
                .init(path: "/home/claude/.bun/bin/bun", target: "/usr/local/bin/bun"),
                .init(path: "/home/claude/.bun/bin/bunx", target: "/usr/local/bin/bunx"),
                .init(path: "/home/claude/.claude/skills", target: "/opt/claude/skills"),
            ],
            files: .skeleton + [
                .init(
                    path: "/home/claude/.npmrc",
                    contents: .text(
                        "//npm.pkg.github.com/:_authToken=${CODETAINER_NPM_TOKEN}\n"), mode: 0o600),
                .init(
                    path: "/home/claude/.claude.json", contents: .text(trust), mode: 0o600),
                .init(
                    path: "/home/claude/.claude/CLAUDE.md",
                    contents: .source("/opt/claude/CLAUDE.md"), owner: .root, mode: 0o444),
                .init(
                    path: "/home/claude/.claude/settings.json",
                    contents: .source("/opt/claude/settings.json"), owner: .root, mode: 0o444,
                    isRequired: false),
            ],
            workspace: .init(tracksUpstream: true),
            services: [.plugins],
            telemetry: .init(
                instance: "GRAFANA_INSTANCE_ID", token: "GRAFANA_API_TOKEN",
                endpoint: "GRAFANA_OTLP_ENDPOINT",
                attributes: [
                    .init(name: "fly.app_name", value: "FLY_APP_NAME"),
                    .init(name: "fly.machine_id", value: "FLY_MACHINE_ID"),
                ],
                set: [
                    .init(name: "CLAUDE_CODE_ENABLE_TELEMETRY", value: "1"),
                    .init(name: "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", value: "1"),
                    .init(name: "OTEL_EXPORTER_OTLP_PROTOCOL", value: "http/protobuf"),
                    .init(name: "OTEL_LOGS_EXPORTER", value: "otlp"),
                    .init(name: "OTEL_METRICS_EXPORTER", value: "otlp"),
                    .init(name: "OTEL_TRACES_EXPORTER", value: "otlp"),
                ]))
        #expect(try Self.profile("claude-code") == expected)
    }

    private let trust = """
        {
          "hasCompletedOnboarding": true,
          "bypassPermissionsModeAccepted": true,
          "projects": {
            "/workspace": { "hasTrustDialogAccepted": true },
            "/workspace/repo": { "hasTrustDialogAccepted": true }
          }
        }

        """

    @Test(arguments: [
        ("codex", "OPENAI_API_KEY", "/opt/network/codex.conf", "/home/claude/.codex/config.toml"),
        (
            "gemini", "GEMINI_API_KEY", "/opt/network/gemini.conf",
            "/home/claude/.gemini/settings.json"
        ),
    ])
    func others(name: String, secret: String, allowlist: String, settings: String) throws {
        let profile = try Self.profile(name)
        #expect(profile.agent.command.first == name && profile.agent.session == name)
        #expect(
            profile.secrets == [
                .gitHub(isRequired: false, exposedAs: ["GH_PAT", "GH_TOKEN"]),
                .init(name: secret, exposedAs: [secret]),
            ])
        #expect(profile.files.dropLast() == .skeleton && profile.workspace.tracksUpstream)
        #expect(profile.files.last?.path == settings && profile.files.last?.mode == 0o600)
        #expect(profile.egress.allowlists == ["/opt/network/domains.conf", allowlist])
        #expect(profile.tmpfs == .usual)
    }
}

extension AgentProfile.SecretRequirement {
    fileprivate static func gitHub(isRequired: Bool, exposedAs: [String]) -> Self {
        Self(
            name: "GH_PAT", isRequired: isRequired, exposedAs: exposedAs,
            credential: .init(host: "github.com", username: "x-access-token"))
    }
}

extension AgentProfile.Service {
    fileprivate static let plugins = Self(
        name: "plugins", command: ["/usr/local/lib/codetainer/install-plugins"], user: "claude",
        directory: "/workspace",
        environment: .init(set: [.init(name: "DISABLE_AUTOUPDATER", value: "1")]),
        readiness: .exit, readyWithin: 300_000, restart: .never, isRequired: false)
}

extension [AgentProfile.Tmpfs] {
    fileprivate static let usual = [
        Element(path: "/workspace", size: 512 << 20, owner: .agent, mode: 0o755),
        Element(path: "/home/claude", size: 1 << 30, owner: .agent, mode: 0o700),
        Element(path: "/tmp", size: 512 << 20, owner: .root, mode: 0o1777),
    ]
}

extension [AgentProfile.File] {
    fileprivate static let skeleton = [
        Element(
            path: "/home/claude/.bashrc", contents: .source("/etc/codetainer/skel/bashrc")),
        Element(
            path: "/home/claude/.profile", contents: .source("/etc/codetainer/skel/profile")),
    ]
}

import Linux
import Policy
import SystemPackage
import TestSupport
import Testing

@testable import Boot
@testable import Profile

/// What `init --cage` makes of images that were not made for it.
@Suite struct CageProfileTests {
    private static let node = Account(
        name: "node", user: 1000, group: 1000, home: "/home/node", shell: "/bin/bash")
    private static let writable = "1 0 0:1 / / rw - overlay overlay rw\n"
    private static let readOnly = "1 0 0:1 / / ro - overlay overlay ro\n"

    private static func image(
        _ directories: [String: [String]] = [:], mounts: String = writable, canMount: Bool = true
    ) -> ImageFacts {
        ImageFacts(
            accounts: [node], mounts: MountTable(parsing: mounts), canMount: canMount,
            directory: "/srv/app", names: { directories[$0.string] })
    }

    /// The home is in memory only where that hides nothing of the image.
    @Test func home() {
        let own = "/home/node"
        func home(_ names: [String]?, _ mounts: String = Self.writable, canMount: Bool = true)
            -> String
        {
            Self.image(
                [own: names ?? []].filter { _ in names != nil }, mounts: mounts, canMount: canMount
            )
            .home(of: Self.node).string
        }
        #expect(home([]) == own)
        #expect(home([".profile", ".bashrc"]) == own)
        #expect(home([".profile", "app"]) == "/tmp")
        // Missing, it can be made on a writable root only.
        #expect(home(nil) == own)
        #expect(home(nil, Self.readOnly) == "/tmp")
        #expect(home([], Self.readOnly) == own)
        #expect(home([], Self.readOnly, canMount: false) == "/tmp")
        // A volume there is the home, whatever is in it.
        let volume = Self.readOnly + "2 1 8:1 / /home/node rw - ext4 /dev/sda rw\n"
        #expect(home(["app"], volume, canMount: false) == own)
        for path in ["/", "/root", "/nonexistent", "home", "", "/usr/local/bin", "/run", "/proc/x"]
        {
            let account = Account(
                name: "x", user: 7, group: 7, home: FilePath(path), shell: "/bin/sh")
            #expect(Self.image().home(of: account) == "/tmp")
        }
    }

    private static func configuration(
        _ request: CageRequest, _ environment: [String: String] = [:], image: ImageFacts = image()
    ) -> Result<BootConfiguration, BootFailure> {
        let environment = ["CODETAINER_UPSTREAMS": "192.0.2.1"].merging(environment) { $1 }
        return Result { () throws(BootFailure) in
            try ConfigurationReader.read(environment, cage: request, image: image)
        }
    }

    @Test func anImageWithoutAProfile() throws {
        let configuration = try Self.configuration(CageRequest(command: ["nginx", "-g"])).get()
        #expect(configuration.isOwnProfile)
        #expect(configuration.agent == Self.node)
        let profile = configuration.profile
        #expect(profile.agent.command == ["nginx", "-g"])
        #expect(profile.agent.isHeadless && profile.agent.onExit == .end)
        #expect(profile.workspace.path == "/srv/app")
        #expect(
            profile.tmpfs.map { "\($0.path) \($0.owner) \(String($0.mode, radix: 8))" }
                == ["/tmp root 1777", "/home/node agent 700"])
        #expect(configuration.resolver.user == BootConfiguration.resolverUser)
    }

    /// Where boot may not mount, only what is mounted is asked for, but /tmp.
    @Test func whatIsWritable() throws {
        func paths(_ image: ImageFacts, _ request: CageRequest = CageRequest(command: ["x"]))
            throws -> [String]
        {
            try Self.configuration(request, image: image).get().profile.tmpfs.map(\.path)
        }
        #expect(try paths(Self.image(["/var/tmp": []])) == ["/tmp", "/var/tmp", "/home/node"])
        #expect(
            try paths(Self.image(["/var/tmp": []], mounts: Self.readOnly, canMount: false))
                == ["/tmp"])
        let request = CageRequest(command: ["x"], writable: ["/var/cache/nginx", "/tmp"])
        #expect(try paths(Self.image(), request) == ["/tmp", "/home/node", "/var/cache/nginx"])
    }

    @Test func optionsAndEnvironment() throws {
        let request = CageRequest(
            command: ["x"], user: "5:6", writable: ["/a"], published: ["8080/tcp"])
        let configuration = try Self.configuration(
            request,
            [
                "CODETAINER_USER": "7", "CODETAINER_WRITABLE": "/b:/c",
                "CODETAINER_ON_EXIT": "keep",
                "CODETAINER_PUBLISH": "53/udp",
                // Theirs, whatever they mean by it.
                "REPO_URL": "not ours", "GIT_USER_NAME": "two\nlines", "CLAUDE_PROMPT": "x",
            ]
        ).get()
        #expect(configuration.agent.user == 5 && configuration.agent.group == 6)
        #expect(configuration.profile.tmpfs.map(\.path) == ["/tmp", "/a", "/b", "/c"])
        #expect(configuration.published.count == 2)
        #expect(configuration.profile.agent.onExit == .keep)
        #expect(configuration.repository == nil && configuration.prompt == nil)
        let other = try Self.configuration(
            CageRequest(command: ["x"]), ["CODETAINER_USER": "7"]
        ).get()
        #expect(other.agent.user == 7)
    }

    private static func defect(_ path: String) -> String? {
        WritablePath.defect(of: path, program: "/usr/bin/codetainer")
    }

    @Test(arguments: [
        ("/", "/usr/bin/codetainer"), ("/usr", "/usr/bin/codetainer"),
        ("/usr/bin", "/usr/bin/codetainer"),
        ("/run", "/run/codetainer"), ("/run/user/1000", "/run/user"), ("/etc", "/etc/passwd"),
        ("/etc/codetainer/x", "/etc/codetainer"), ("/opt", "/opt/network"),
    ])
    func whatStaysRoots(path: String, kept: String) {
        #expect(
            Self.defect(path)
                == "holds or is \(kept), which stays root's: name directories beside it")
    }

    @Test func otherPaths() {
        for path in ["", "a", "/a/../b", "/a/./b"] {
            #expect(Self.defect(path) == "must be an absolute path without . and ..")
        }
        for path in ["/proc", "/proc/sys", "/sys/fs", "/dev/shm"] {
            #expect(Self.defect(path) == "is the kernel's: leave it out")
        }
        for path in [
            "/a", "/run/nginx", "/usr/share/x", "/var/lib", "/etc/nginx", "/runs", "/optional",
        ] {
            #expect(Self.defect(path) == nil)
        }
    }

    @Test func mistakesAreSaidAtOnce() {
        let request = CageRequest(command: ["x"], user: "nobody", writable: ["/etc", "b"])
        guard case .failure(let failure) = Self.configuration(request) else {
            Issue.record("it was accepted")
            return
        }
        #expect(failure.code == 78 && failure.messages.count == 3)
        #expect(failure.messages[0].hasPrefix("--writable or CODETAINER_WRITABLE \"/etc\" holds"))
    }

    /// A profile that is in the image decides all but what runs.
    @Test func theImagesProfile() throws {
        let scratch = try Scratch()
        try scratch.write("example.com\n", to: "domains.conf")
        let file = try scratch.write(
            """
            name = "theirs"
            user = { name = "nobody" }
            agent = { command = ["claude"], prompt = true, on-exit = "restart" }
            tmpfs = [{ path = "/work", size = "1M" }]
            egress = { allowlist = ["\(scratch.path)/domains.conf"], upstreams = ["192.0.2.1"] }
            """, to: "profile.toml")
        var image = Self.image()
        image.profile = file.string
        let request = CageRequest(command: ["sh"], writable: ["/cache"])
        let configuration = try Self.configuration(request, image: image).get()
        #expect(!configuration.isOwnProfile)
        #expect(configuration.agent.name == "nobody")
        #expect(configuration.profile.agent.command == ["sh"])
        #expect(
            configuration.profile.agent.isHeadless && configuration.profile.agent.onExit == .end)
        #expect(!configuration.profile.agent.takesPrompt)
        #expect(configuration.profile.tmpfs.map(\.path) == ["/work", "/cache"])
        #expect(!configuration.profile.environment.passesAll)
        #expect(configuration.allowlist.canonicalText == "example.com\n")
    }
}

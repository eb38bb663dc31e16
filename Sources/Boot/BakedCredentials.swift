import Filesystem
public import Linux
import SystemPackage

/// Credentials that an image itself holds, where tools keep theirs.
///
/// A find is a path, a line and a kind, never a value. What is mounted is not the image's. The work is
/// bounded: so many places, so much of each file.
public enum BakedCredentials {
    public struct Finding: Equatable, Sendable, CustomStringConvertible {
        /// Its path, or what else it is called.
        public let place: String
        /// From 1; nil where the file itself is the credential.
        public let line: Int?
        public let kind: String

        public var description: String {
            "\(kind) in \(place)" + (line.map { ", line \($0)" } ?? "")
        }
    }

    /// Octets of a file that are looked at.
    static let longest = 64 << 10
    /// Files of a directory that are looked at.
    static let mostNames = 64

    /// In a home.
    private static let ofHome = [
        ".npmrc", ".yarnrc", ".yarnrc.yml", ".netrc", ".git-credentials", ".gitconfig",
        ".config/git/credentials", ".config/git/config", ".config/gh/hosts.yml", ".config/hub",
        ".aws/credentials", ".aws/config", ".azure/accessTokens.json",
        ".azure/msal_token_cache.json", ".config/gcloud/application_default_credentials.json",
        ".docker/config.json", ".kube/config", ".pypirc", ".config/pip/pip.conf", ".pip/pip.conf",
        ".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials", ".m2/settings.xml",
        ".gradle/gradle.properties", ".composer/auth.json", ".terraformrc",
        ".terraform.d/credentials.tfrc.json", ".vault-token", ".claude/.credentials.json",
        ".claude.json", ".claude/settings.json", ".gemini/oauth_creds.json", ".gemini/.env",
        ".codex/auth.json", ".env", ".pgpass", ".my.cnf", ".s3cfg", ".boto", ".bashrc",
        ".bash_profile", ".profile", ".bash_history", ".zshrc", ".zshenv", ".zsh_history",
        ".config/fish/config.fish",
    ]
    private static let ofSystem: [FilePath] = [
        "/etc/environment", "/etc/profile", "/etc/bash.bashrc", "/etc/zsh/zshenv", "/etc/npmrc",
        "/usr/etc/npmrc", "/usr/local/etc/npmrc", "/etc/pip.conf", "/etc/gitconfig",
        "/etc/apt/auth.conf", "/.env", "/app/.env", "/workspace/.env", "/.dockercfg",
    ]
    private static let folders: [FilePath] = [
        "/etc/profile.d", "/etc/apt/auth.conf.d", "/run/secrets", "/etc/codetainer/secrets",
    ]
    /// Of a home: each file of these may be a key.
    private static let foldersOfHome = [".ssh", ".config/op", ".infisical"]
    /// Files that are a credential whatever is in them, as long as something is.
    private static let whole: Set<String> = [".vault-token", ".pgpass"]

    /// What is found in the root that this process sees.
    public static func find() throws(SystemCallError) -> [Finding] {
        let mounts = MountPlan(table: try MountTable.current(), canMount: false)
        return findings(accounts: try ImageFacts.accounts(), below: "/") { path in
            // What is mounted over the image, and a file that is mounted alone, are the run's.
            mounts.holder(of: path)?.path == "/"
        }
    }

    /// - Parameters:
    ///   - root: what stands for `/`.
    ///   - isImages: whether a path is the image's own, and not mounted over it.
    static func findings(
        accounts: [Account], below root: FilePath, isImages: (FilePath) -> Bool
    ) -> [Finding] {
        var findings: [Finding] = []
        func look(_ path: FilePath, as owner: (UInt32, UInt32)) {
            let place = root.appending(path.components)
            guard let contents = contents(of: place, as: owner, isImages: isImages) else { return }
            let name = path.lastComponent?.string ?? ""
            if whole.contains(name) || path.starts(with: "/run/secrets") {
                if !contents.isEmpty {
                    findings.append(.init(place: path.string, line: nil, kind: "a credential"))
                }
                return
            }
            findings += self.findings(in: contents, of: path.string, all: false)
        }
        for (home, owner) in homes(accounts) {
            for name in ofHome { look(home.appending(FilePath(name).components), as: owner) }
            for folder in foldersOfHome {
                let path = home.appending(FilePath(folder).components)
                for name in names(in: root.appending(path.components), as: owner) {
                    look(path.appending(name), as: owner)
                }
            }
        }
        for path in ofSystem { look(path, as: (0, 0)) }
        for folder in folders {
            for name in names(in: root.appending(folder.components), as: (0, 0)) {
                look(folder.appending(name), as: (0, 0))
            }
        }
        return findings
    }

    /// What the lines of a text hold.
    ///
    /// - Parameter all: whether one find is not enough; for a file it is: it has to go anyway.
    public static func findings(in text: [UInt8], of name: String, all: Bool) -> [Finding] {
        var findings: [Finding] = []
        var number = 0
        for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard let form = CredentialForm.find(in: line) else { continue }
            findings.append(.init(place: name, line: number, kind: form.rawValue))
            if !all { break }
        }
        return findings
    }

    /// The homes of root and of people, each with its owner.
    private static func homes(_ accounts: [Account]) -> [(FilePath, (UInt32, UInt32))] {
        var homes: [(FilePath, (UInt32, UInt32))] = [("/root", (0, 0))]
        for account in accounts where account.user == 0 || account.user >= 500 {
            let home = account.home.lexicallyNormalized()
            guard home.isAbsolute, home.components.count > 0, home != "/nonexistent",
                !homes.contains(where: { $0.0 == home })
            else { continue }
            homes.append((home, (account.user, account.group)))
        }
        return homes
    }

    private static func contents(
        of path: FilePath, as owner: (UInt32, UInt32), isImages: (FilePath) -> Bool
    ) -> [UInt8]? {
        acting(as: owner) { () throws(SystemCallError) in
            guard let status = try FileStatus(of: path), status.kind != .directory else {
                return nil
            }
            let resolved = try Files.resolved(path)
            guard isImages(resolved), try FileStatus(of: resolved)?.kind == .regular else {
                return nil
            }
            return try Files.beginning(of: resolved, longest)
        }
    }

    private static func names(in directory: FilePath, as owner: (UInt32, UInt32)) -> [String] {
        let names = acting(as: owner) { () throws(SystemCallError) in
            try FileStatus(of: directory)?.kind == .directory ? try Files.names(in: directory) : nil
        }
        return Array((names ?? []).prefix(mostNames))
    }

    /// As root, or, where root without CAP_DAC_OVERRIDE may not look, as the owner.
    private static func acting<Result>(
        as owner: (UInt32, UInt32), _ body: () throws(SystemCallError) -> Result?
    ) -> Result? {
        do throws(SystemCallError) {
            return try body()
        } catch {
            guard error.cause == .permissionDenied else { return nil }
            let result = try? Privileges.actingOnFiles(user: owner.0, group: owner.1, body)
            return result.flatMap { $0 }
        }
    }
}

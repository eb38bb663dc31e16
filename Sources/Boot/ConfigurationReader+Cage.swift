import Linux
import Policy
import Profile
import SystemPackage

/// What `init --cage` makes of an image, which may have no profile.
extension ConfigurationReader {
    /// The profile that is booted.
    mutating func readProfile() -> AgentProfile? {
        // The environment counts more than the file, which an image has anyway.
        let choice = environment["CODETAINER_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        guard let cage else { return readProfile(choice ?? image.profile) }
        var profile: AgentProfile?
        if isOwnProfile {
            profile = chosenAgent(cage.user).map {
                CageProfile.make(cage, agent: $0, image: image)
            }
        } else {
            profile = readProfile(choice ?? image.profile)
        }
        if var profile {
            CageProfile.run(cage, in: &profile)
            return profile
        }
        return nil
    }

    mutating func chosenAgent(_ wanted: String?) -> Account? {
        do throws(AgentAccount.Invalid) {
            let account = try AgentAccount.chosen(wanted, of: image.accounts)
            return isOwnProfile ? image.atHome(account) : account
        } catch {
            mistakes.append(error.reason)
            return nil
        }
    }

    mutating func checkWritable() {
        for path in cage?.writable ?? [] {
            if let defect = WritablePath.defect(of: path, program: image.program) {
                mistakes.append("--writable or CODETAINER_WRITABLE \"\(path)\" \(defect)")
            }
        }
    }

    /// A variable of ours without our prefix. An image without a profile may mean another thing by it.
    func own(_ name: String) -> String? { isOwnProfile ? nil : environment[name] }
}

extension BootSequence {
    /// The image's USER is who the command may be, but not who can lock a container down.
    func requireRoot() throws(BootFailure) {
        guard System.userID != 0 else { return }
        throw BootFailure(
            .noPermission,
            "cannot lock the container down: PID 1 has uid \(System.userID), not 0: run it with `--user 0` or take USER out of the image: the command gets uid 1000, or what CODETAINER_USER says"
        )
    }

    /// Says so where a profile was mounted and another is booted.
    func warnOfOtherProfile(_ image: ImageFacts) {
        guard let choice = container["CODETAINER_PROFILE"], !choice.isEmpty,
            choice != CageProfile.file.string, image.mounts.mount(at: CageProfile.file) != nil
        else { return }
        warn(
            "CODETAINER_PROFILE=\(choice) counts more than \(CageProfile.file), which is mounted: leave one of them out"
        )
    }

    /// Says what works differently from what somebody who brought an image along may expect.
    func warnOfWhatIsUnexpected(_ configuration: BootConfiguration, _ image: ImageFacts) {
        if configuration.allowlist.rules.isEmpty {
            warn(
                "no host is allowed: mount a list at /opt/network/domains.conf, or set CODETAINER_ALLOW=\"api.example.com\""
            )
        }
        for path in configuration.profile.tmpfs.map({ FilePath($0.path) })
        where image.mounts.mount(at: path) == nil && path != "/tmp" && path != "/var/tmp" {
            let names = (image.names(path) ?? []).filter { !$0.hasPrefix(".") }
            if let first = names.first {
                warn(
                    "\(path) is in memory now, which hides \(first) of the image: mount a volume there to keep it"
                )
            }
        }
    }
}

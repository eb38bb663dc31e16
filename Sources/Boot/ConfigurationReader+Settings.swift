import Linux
import Policy
import Profile
import Session
import SystemPackage

/// What a profile's settings come to: the agent's variables, and what the cage opens for them.
extension ConfigurationReader {
    /// Checks every setting of `profile`, and puts its value where the profile refers to it.
    ///
    /// - Returns: rules for the targets, with spaces between them.
    mutating func readSettings(_ profile: inout AgentProfile, agent: Account?) -> String {
        var values: [String: String] = [:]
        for setting in profile.settings where setting.kind != .file {
            values[setting.name] = value(of: setting)
        }
        for setting in profile.settings where setting.kind == .file {
            guard setting.condition.map({ values[$0] == "true" }) ?? true,
                let path = value(of: setting)
            else { continue }
            let copy = hand(path, of: setting, to: agent, &profile)
            values[setting.name] = copy
        }
        profile.environment.set += values.sorted { $0.key < $1.key }.map {
            AgentProfile.Variable($0.key, $0.value)
        }
        let names = Set(profile.settings.map(\.name))
        // One whose value is a mistake is told of already.
        profile.egress.published = profile.egress.published.compactMap { entry in
            names.contains(entry) ? values[entry] : entry
        }
        if let name = profile.health.portSetting {
            profile.health.port = values[name].flatMap { UInt16($0) }
        }
        return profile.egress.targets.flatMap { name -> [String] in
            values[name].map { rules(forTarget: $0, of: name) } ?? []
        }.joined(separator: " ")
    }

    /// What the container or the profile says, as the agent gets it; nil where neither does, or
    /// where it is a mistake.
    private mutating func value(of setting: AgentProfile.Setting) -> String? {
        let given = environment[setting.name].flatMap { $0.isEmpty ? nil : $0 }
        guard let text = given ?? setting.fallback else { return nil }
        do throws(AgentProfile.Setting.Invalid) {
            return try setting.value(text)
        } catch {
            mistakes.append(error.sentence)
            return nil
        }
    }

    /// Has boot copy a file that root may read to where the agent may.
    ///
    /// - Returns: the copy's path.
    private mutating func hand(
        _ path: String, of setting: AgentProfile.Setting, to agent: Account?,
        _ profile: inout AgentProfile
    ) -> String? {
        do throws(SystemCallError) {
            guard try FileStatus(of: Files.resolved(FilePath(path)))?.kind == .regular else {
                mistakes.append("\(setting.name) \"\(path)\" is not a file: mount the file there")
                return nil
            }
        } catch {
            // What root may not enter the agent may: boot tries both when it reads.
            guard error.cause == .permissionDenied else {
                mistakes.append("\(setting.name): cannot \(error): mount the file there")
                return nil
            }
        }
        guard let agent else { return nil }
        let copy = "\(SessionPlan.socketDirectory(user: agent.user))/\(setting.name)"
        profile.files.append(AgentProfile.File(copying: path, to: copy))
        return copy
    }

    /// What opens a target; nothing for one that is this container itself.
    private mutating func rules(forTarget text: String, of name: String) -> [String] {
        guard let target = SettingTarget(parsing: text) else { return [] }
        switch target.host {
        case .address(let address):
            return rule(for: address, target.port, of: name).map { [$0] } ?? []
        case .name("localhost"):
            return []
        case .name(let host):
            // What the runtime wrote there (`--add-host`, links) is never asked of a DNS server.
            let known = HostsFile(
                parsing: (try? Files.text("/etc/hosts", limit: 1 << 20)) ?? ""
            ).addresses(of: host)
            return ["\(host):\(target.port) private"]
                + known.compactMap { rule(for: $0, target.port, of: name) }
        }
    }

    private mutating func rule(for address: Address, _ port: UInt16, of name: String) -> String? {
        switch address.classification {
        case .loopback: return nil
        case .global, .privateUse, .uniqueLocal:
            return address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        case let purpose:
            mistakes.append(
                "\(name): \(address) is not opened for a target (\(purpose)): give it another address"
            )
            return nil
        }
    }
}

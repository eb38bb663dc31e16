import Linux
import SystemPackage

/// Other numbers for the agent's account, `CODETAINER_UID` and `CODETAINER_GID`: those of the person
/// whose files it works on.
struct AgentNumbers {
    /// What cannot be the agent's, and what to do.
    struct Invalid: Error, Equatable {
        let reason: String
    }

    /// The accounts of the image, and the text of its group(5).
    let accounts: [Account]
    let groups: [UInt8]
    /// Uids that codetainer's own services have.
    let reserved: [UInt32]

    /// `account` with the numbers that are asked for.
    ///
    /// - Parameters:
    ///   - user: a uid, or `auto` for the owner of the workspace.
    ///   - group: a gid; nil for the one that goes with the uid.
    ///   - owner: whose the workspace is; nil where it is not there.
    ///   - remark: gets why `auto` changes nothing.
    func renumbered(
        _ account: Account, user: String?, group: String?, owner: FileStatus?,
        remark: (String) -> Void
    ) throws(Invalid) -> Account {
        var (newUser, newGroup) = (account.user, account.group)
        if user == "auto" {
            if let owner {
                if let defect = defect(ofUser: owner.user, account) {
                    remark(
                        "CODETAINER_UID=auto: the workspace is uid \(owner.user)'s, which \(defect): the agent stays uid \(account.user): give the folder to a person with `chown`"
                    )
                } else {
                    newUser = owner.user
                    newGroup =
                        defect(ofGroup: owner.group, account) == nil
                        ? owner.group : accompanying(newUser, account)
                }
            }
        } else if let user {
            newUser = try number(user, "CODETAINER_UID", "1000, or auto")
            if let defect = defect(ofUser: newUser, account) {
                throw Invalid(
                    reason: "CODETAINER_UID \(newUser) \(defect): give one that nobody else has")
            }
            newGroup = accompanying(newUser, account)
        }
        if let group {
            newGroup = try number(group, "CODETAINER_GID", "1000")
            if let defect = defect(ofGroup: newGroup, account) {
                throw Invalid(
                    reason: "CODETAINER_GID \(newGroup) \(defect): give one that opens nothing")
            }
        }
        return Account(
            name: account.name, user: newUser, group: newGroup, home: account.home,
            shell: account.shell)
    }

    /// A person's own group mostly has the number of the person.
    private func accompanying(_ user: UInt32, _ account: Account) -> UInt32 {
        user == account.user || defect(ofGroup: user, account) != nil ? account.group : user
    }

    private func number(_ text: String, _ name: String, _ form: String) throws(Invalid) -> UInt32 {
        guard !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 }), let number = UInt32(text),
            number < .max
        else { throw Invalid(reason: "\(name) \"\(text)\" is not a number: write \(form)") }
        return number
    }

    /// Why a uid cannot be the agent's; nil when it can.
    private func defect(ofUser user: UInt32, _ account: Account) -> String? {
        if user == 0 { return "is root" }
        if reserved.contains(user) { return "is codetainer's own" }
        let other = accounts.first { $0.user == user && $0.name != account.name }
        return other.map { "is \($0.name) in the image" }
    }

    /// Groups of Debian whose number is the usual one of people elsewhere, and which open nothing in
    /// a container: macOS has staff as 20, SUSE has users as 100.
    private static let common = ["dialout", "users"]

    /// Why a gid cannot be the agent's; nil when it can. Some groups open files: shadow, tty.
    private func defect(ofGroup group: UInt32, _ account: Account) -> String? {
        if group == 0 { return "is root" }
        if reserved.contains(group) { return "is codetainer's own" }
        guard group != account.group, let name = AccountFiles.groupName(of: group, in: groups),
            name != account.name, !Self.common.contains(name)
        else { return nil }
        return "is the group \(name) in the image"
    }
}

extension ConfigurationReader {
    /// The agent with the numbers that the environment asks for; from here on it is this one that
    /// its name stands for.
    mutating func renumber(_ agent: Account?, workspace: String) -> Account? {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let (user, group) = (variable("CODETAINER_UID"), variable("CODETAINER_GID"))
        guard let agent, user != nil || group != nil else { return agent }
        do {
            let numbers = AgentNumbers(
                accounts: try ImageFacts.accounts(),
                groups: (try? Files.read("/etc/group", limit: 1 << 20)) ?? [],
                reserved: BootConfiguration.reservedUsers
                    + [account(BootConfiguration.resolverAccount)?.user].compactMap { $0 })
            let place = try? Files.resolved(FilePath(workspace))
            let owner = try place.flatMap { try FileStatus(of: $0) }
            var remarks: [String] = []
            let new = try numbers.renumbered(
                agent, user: user, group: group, owner: owner, remark: { remarks.append($0) })
            self.remarks += remarks
            if new != agent { renumbered = (agent, new) }
            return new
        } catch let error as AgentNumbers.Invalid {
            mistakes.append(error.reason)
        } catch {
            mistakes.append("\(error)")
        }
        return nil
    }
}

import Linux
import SystemPackage

/// Whose numbers the agent gets in an image that was not made for it, and may have no accounts.
enum AgentAccount {
    /// What cannot be an agent's account, and what to do.
    struct Invalid: Error, Equatable {
        let reason: String
    }

    /// The account that is used when nobody says which, and its number where there is none.
    static let usual = (name: "agent", number: UInt32(1000))

    /// The account that `wanted` says: a name, a uid, or uid and gid. Nil is for `usual`.
    ///
    /// - Parameter accounts: those of the image; a number needs none.
    static func chosen(_ wanted: String?, of accounts: [Account]) throws(Invalid) -> Account {
        let account = try found(wanted, of: accounts)
        guard account.user != 0, account.group != 0 else {
            throw Invalid(
                reason:
                    "user \(wanted ?? account.name) has uid \(account.user) and gid \(account.group): the agent must have neither 0: choose another with --user UID[:GID] or CODETAINER_USER"
            )
        }
        return account
    }

    private static func found(_ wanted: String?, of accounts: [Account]) throws(Invalid) -> Account
    {
        guard let wanted else {
            let named = accounts.first { $0.name == usual.name && $0.user != 0 && $0.group != 0 }
            return named ?? account(usual.number, nil, of: accounts)
        }
        let parts = wanted.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt32($0) }.filter { $0 < .max }
        if parts.count <= 2, numbers.count == parts.count {
            return account(numbers[0], numbers.count == 2 ? numbers[1] : nil, of: accounts)
        }
        guard let account = accounts.first(where: { $0.name == wanted }) else {
            throw Invalid(
                reason:
                    "user \(wanted) is not in the image's /etc/passwd: give --user or CODETAINER_USER as UID or UID:GID"
            )
        }
        return account
    }

    /// The account with this uid, or one of the number alone: no home, and no shell.
    private static func account(_ user: UInt32, _ group: UInt32?, of accounts: [Account]) -> Account
    {
        let known = accounts.first { $0.user == user }
        return Account(
            name: known?.name ?? "\(user)", user: user, group: group ?? known?.group ?? user,
            home: known?.home ?? "/", shell: known?.shell ?? "")
    }
}

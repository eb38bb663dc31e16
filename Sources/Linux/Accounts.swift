public import SystemPackage

/// An entry of /etc/passwd (passwd(5)).
public struct Account: Hashable, Sendable {
    public let name: String
    public let user: UInt32
    public let group: UInt32
    public let home: FilePath
    public let shell: FilePath

    public init(name: String, user: UInt32, group: UInt32, home: FilePath, shell: FilePath) {
        (self.name, self.user, self.group) = (name, user, group)
        (self.home, self.shell) = (home, shell)
    }

    /// A line of passwd(5); nil when it is not one.
    init?(line: Substring) {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 7, !fields[0].isEmpty, let user = UInt32(fields[2]),
            let group = UInt32(fields[3])
        else { return nil }
        self.init(
            name: String(fields[0]), user: user, group: group, home: FilePath(String(fields[5])),
            shell: FilePath(fields[6].isEmpty ? "/bin/sh" : String(fields[6])))
    }

    /// Every account in the text of an /etc/passwd. NSS is never asked: it cannot be linked
    /// statically, and a container has no other source.
    public static func all(inPasswd text: String) -> [Account] {
        text.split(separator: "\n").compactMap(Account.init(line:))
    }

    /// The account called `name` in the root's /etc/passwd; nil when there is none.
    public static func named(_ name: String) throws(SystemCallError) -> Account? {
        all(inPasswd: try Files.text("/etc/passwd")).first { $0.name == name }
    }
}

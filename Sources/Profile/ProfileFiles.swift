/// How a profile that another extends is read: by the system, or from a table in tests.
public struct ProfileFiles {
    public enum Reading {
        /// - Parameter identity: tells whether two paths lead to one file.
        case found(_ utf8: [UInt8], identity: String)
        case absent
        case unreadable(_ reason: String)
    }

    /// Profiles of the operator, and of an image.
    public static let directory = "/etc/codetainer/profiles"
    /// Copies of the image's own, which no mount over `directory` hides.
    public static let shippedDirectory = "/usr/local/share/codetainer/profiles"
    /// Longest profile that is read, in octets.
    public static let longest = 1 << 20

    let read: (String) -> Reading

    public init(read: @escaping (String) -> Reading) { self.read = read }

    /// For a profile that extends none.
    public static var none: ProfileFiles { ProfileFiles { _ in .absent } }

    /// Where the profile that `file` calls `name` may be, the first that is there counting.
    static func candidates(_ name: String, from file: String) -> [String] {
        if name.contains("/") { return [name] }
        let parent = file.lastIndex(of: "/").map { String(file[..<$0]) }
        let beside =
            switch parent {
            case nil: "\(name).toml"
            case ""?: "/\(name).toml"
            case let parent?: "\(parent)/\(name).toml"
            }
        var candidates = [beside]
        for directory in [directory, shippedDirectory] {
            let path = "\(directory)/\(name).toml"
            if !candidates.contains(path) { candidates.append(path) }
        }
        return candidates
    }
}

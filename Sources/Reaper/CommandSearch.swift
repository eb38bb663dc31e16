import Linux

/// Where a command may be, as execvp(3) looks for it.
public enum CommandSearch {
    static let defaultPath = Array(Commands.defaultPath.utf8)

    /// Calls `attempt` with one path after the other, none with a NUL, until it gives a result.
    ///
    /// - Parameters:
    ///   - name: with a slash, that is the path.
    ///   - path: the value of PATH, of which an empty part is the working directory; nil when unset.
    public static func first<Result>(
        name: [UInt8], path: [UInt8]?, _ attempt: ([UInt8]) -> Result?
    ) -> Result? {
        let slash = UInt8(ascii: "/")
        if name.isEmpty { return nil }
        if name.contains(slash) { return attempt(name) }
        var rest = (path ?? defaultPath)[...]
        while true {
            let part = rest.prefix { $0 != UInt8(ascii: ":") }
            if let result = attempt(part.isEmpty ? name : part + [slash] + name) { return result }
            guard part.endIndex < rest.endIndex else { return nil }
            rest = rest[(part.endIndex + 1)...]
        }
    }
}

/// Values of more than one type's rules: paths, ports, names, modes and choices.
extension TableReader {
    mutating func absolutePath(_ key: String) -> String {
        let path = requiredString(key)
        if !path.isEmpty { check(path, key) }
        return path
    }

    /// The path of something that a directory holds.
    mutating func pathBelowRoot(_ key: String) -> String {
        let path = absolutePath(key)
        if !path.isEmpty, path.allSatisfy({ $0 == "/" }) {
            note(key, "\(key) \"\(path)\" is the root: name what is below it")
        }
        return path
    }

    /// Paths of directories other than the root.
    mutating func absolutePaths(_ key: String) -> [String] {
        let paths = strings(key) ?? []
        for path in paths {
            check(path, key)
            checkIsBelowRoot(path, key)
        }
        return paths
    }

    func checkIsBelowRoot(_ path: String, _ key: String) {
        if !path.isEmpty, path.allSatisfy({ $0 == "/" }) {
            note(key, "\(key) \"\(path)\" must be a directory below the root")
        }
    }

    /// Wants a path from the root that stays where it says: no `.` or `..`.
    private mutating func check(_ path: String, _ key: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        if !path.hasPrefix("/") || parts.contains("..") || parts.contains(".") {
            note(key, "\(key) \"\(path)\" must be an absolute path without . and ..")
        }
    }

    /// A path as `absolutePath(_:)` reads it, where the key is there.
    mutating func optionalPath(_ key: String) -> String? {
        // Asked for, the key is known, so that a list of known keys has it.
        has(key) ? absolutePath(key) : string(key)
    }

    /// The key `port`, which messages call `name`.
    mutating func port(_ name: String) -> UInt16? {
        guard let number = integer("port") else { return nil }
        let port = UInt16(exactly: number).flatMap { $0 > 0 ? $0 : nil }
        if port == nil { note("port", "\(name) \(number) is not a TCP port: use 1 to 65535") }
        return port
    }

    mutating func variableName(_ key: String) -> String {
        let name = requiredString(key)
        if !name.isEmpty, !isVariableName(name) {
            note(
                key,
                "\"\(name)\" is not the name of an environment variable: use letters, digits and _")
        }
        return name
    }

    /// Permission bits as an octal string, `"0644"`.
    mutating func mode(_ key: String) -> UInt32? {
        guard let text = string(key) else { return nil }
        guard text.allSatisfy(isDigit), let mode = UInt32(text, radix: 8), mode <= 0o1777 else {
            note(key, "\(key) \"\(text)\" is not a mode: write \"0644\"")
            return nil
        }
        return mode
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String)
        -> Choice? where Choice.RawValue == String
    {
        guard let text = string(key) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            note(key, "\(key) \"\(text)\" must be one of \(choices)")
            return nil
        }
        return choice
    }
}

/// Of a number without a sign, which `Int` would take.
func isDigit(_ character: Character) -> Bool { "0"..."9" ~= character }

/// Letters, digits and underscores, not starting with a digit (environ(7)).
public func isVariableName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
    return name.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
    }
}

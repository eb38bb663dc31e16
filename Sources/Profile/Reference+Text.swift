extension Reference {
    /// The whole reference for a terminal.
    public static var text: String {
        var text = """
            The profile is a TOML file: /etc/codetainer/profiles/NAME.toml for
            CODETAINER_PROFILE=NAME, or any path; /etc/codetainer/profile.toml without it.
            An unknown key, or a value of the wrong type, stops boot with 78 and its line.
            `codetainer profile check FILE` tells every mistake.


            """
        for table in tables {
            text += (table.path.isEmpty ? "" : table.header + "\n") + wrapped(table.meaning)
            for key in table.keys {
                let fallback = key.fallback.map { "default: \($0)" } ?? "needed"
                text += "\n  \(key.name) = \(key.example)\n"
                text += wrapped("\(key.type); \(fallback)", indent: 6)
                text += wrapped(key.meaning, indent: 6)
            }
            text += "\n"
        }
        return text + variablesText
    }

    /// The variables for a terminal.
    public static var variablesText: String {
        var text = """
            Variables of the container. One that begins with CODETAINER_ and is not among
            them stops boot with 78; an empty one of those counts as not set.

            """
        for variable in variables {
            text += "\n  \(variable.name)=\(variable.example)\n"
            text += wrapped("\(variable.type); default: \(variable.fallback ?? "none")", indent: 6)
            text += wrapped(variable.meaning, indent: 6)
        }
        return text
    }

    /// Columns of a line, its end not counted: what a terminal has at least.
    static let columns = 79

    /// The words on lines of at most `columns`, unless a single word is longer.
    static func wrapped(_ text: String, indent: Int = 0) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines = ""
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.utf8.count + 1 + word.utf8.count > columns {
                lines += margin + line + "\n"
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return line.isEmpty ? lines : lines + margin + line + "\n"
    }
}

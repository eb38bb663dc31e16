@testable import Profile

extension Reference {
    /// docs/profile.md.
    static var markdown: String {
        var page = """
            # The profile and the environment

            <!-- Made of Sources/Profile/Reference+*.swift by scripts/reference; a test holds it to the program. -->

            A profile says what an agent image is: who runs what, what it needs, what it may reach. It is a
            TOML file: `/etc/codetainer/profiles/NAME.toml` for `CODETAINER_PROFILE=NAME`, or any path;
            `/etc/codetainer/profile.toml` without it. An unknown key, or a value of the wrong type, stops boot
            with 78 and says its line. In a container, `codetainer help profile` prints this page.

            ```toml
            name = "mine"

            [user]
            name = "agent"

            [agent]
            command = ["my-agent"]
            ```

            is all that a profile needs. The image's own are in `/etc/codetainer/profiles`, and in
            [profiles](../profiles) here. [profiles.md](profiles.md) says how to write one: most often a
            few lines after `extends = "claude-code"`.

            ## Keys


            """
        for table in tables {
            page += "### \(table.path.isEmpty ? "The document" : "`\(table.header)`")\n\n"
            page += "\(table.meaning)\n\n"
            page += "| key | type | default | meaning | example |\n|---|---|---|---|---|\n"
            for key in table.keys {
                page += row([
                    "`\(key.name)`", key.type, key.fallback.map(marked) ?? "needed", key.meaning,
                    "`\(key.example)`",
                ])
            }
            page += "\n"
        }
        page += """
            ## Variables

            Variables of the container, `docker run --env NAME=VALUE`. One that begins with `CODETAINER_` and is
            not here stops boot with 78: most likely it is misspelt. An empty one of those counts as not set.
            A profile's secrets come in variables of their own: see `[[secret]]` above.

            | variable | value | default | meaning | example |
            |---|---|---|---|---|

            """
        for variable in variables {
            page += row([
                "`\(variable.name)`", variable.type, variable.fallback ?? "none", variable.meaning,
                "`\(variable.example)`",
            ])
        }
        return page
    }

    private static func row(_ cells: [String]) -> String {
        var row = "|"
        for cell in cells {
            row += " "
            for character in cell { row += character == "|" ? "\\|" : String(character) }
            row += " |"
        }
        return row + "\n"
    }

    /// What a document would say stands as code, the rest as words.
    private static func marked(_ fallback: String) -> String {
        let parts = fallback.split(separator: ";", maxSplits: 1)
        guard let first = parts.first, isLiteral(String(first)) else { return fallback }
        return "`\(first)`" + (parts.count == 2 ? ";\(parts[1])" : "")
    }

    /// Whether a default is written as the document would write it.
    static func isLiteral(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return text == "true" || text == "false" || "\"[{0123456789".utf8.contains(first)
    }
}

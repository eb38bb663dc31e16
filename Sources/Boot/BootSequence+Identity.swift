import Control
import Linux
import Profile
import Secrets
import Supervision
import SystemPackage

extension BootSequence {
    /// Tells git who the agent is and where its credential comes from.
    ///
    /// The image's /etc/gitconfig includes the file that is written here, so that git knows it
    /// whatever the agent strips from the environment of its children. npm reads its token from
    /// the environment by reference; gh asks the broker.
    func introduce(_ agent: AgentSetting, _ secrets: SecretSet) throws(BootFailure) {
        let configuration = agent.configuration
        var text = """
            [user]
            \tname = \(Self.quoted(configuration.gitName))
            \temail = \(Self.quoted(configuration.gitEmail))

            """
        if !configuration.profile.workspace.usesSSH {
            text += """
                [url "https://github.com/"]
                \tinsteadOf = git@github.com:
                \tinsteadOf = ssh://git@github.com/

                """
        }
        let credentials = try attempting("keep the credentials") { () throws(SystemCallError) in
            try secrets.credentials()
        }
        for credential in credentials {
            text += """
                [credential "https://\(credential.host)"]
                \thelper =
                \thelper = \(executable) credential

                """
        }
        try attempting("write git's configuration") { () throws(SystemCallError) in
            try Directory(Paths.run).write(
                Array(text.utf8), to: Paths.gitConfiguration, ownership: .root(mode: 0o644))
        }
        try attempting("keep the credentials") { () throws(SystemCallError) in
            try self.supervisor.offer(credentials)
        }
    }

    /// A value of git's configuration (git-config(1), "Syntax").
    static func quoted(_ value: String) -> String {
        var quoted = "\""
        for character in value {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }
}

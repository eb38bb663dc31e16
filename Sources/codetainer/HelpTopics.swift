import Boot
import Linux
import Profile

/// `codetainer help TOPIC`: what is no command, and still needs explaining.
enum HelpTopics {
    static let names = ["allowlist", "profile", "variables"]

    /// Ends with the topic's text; returns where `words` name none.
    static func show(_ words: [String]) {
        switch (words.first, words.dropFirst()) {
        case ("profile", []): Terminal.finish(saying: Reference.text)
        case ("variables", []): Terminal.finish(saying: Reference.variablesText)
        case ("allowlist", []): Terminal.finish(saying: allowlist)
        // A command is called as the topic is.
        case ("profile", ["check"]): break
        case (let name?, _) where names.contains(name):
            Terminal.fail(
                "help \(name) takes nothing more: leave out what follows",
                code: ExitCode.usage.rawValue)
        default: break
        }
    }

    private static let allowlist = """
        One rule a line; a comment runs from # to the end of the line.

          api.example.com              exactly this name, TCP 443
          deb.example.org:80,443       these TCP ports; also :8000-8100
          git.example.com:22           SSH
          quic.example.com:443/udp     UDP, by choice only
          *.example.net                any one or more labels below, not the apex
          .example.net                 the apex and everything below
          203.0.113.0/24:443           addresses without a name
          10.1.2.3:5432                an address; a private one is opened by naming it
          main-app:50051 private       or by a name that is said to have private ones
          !ads.example.net             never this name nor any below it

        Files: /opt/network/domains.conf, or what the profile's egress.allowlist or
        CODETAINER_ALLOWLIST name. More rules: CODETAINER_ALLOW="a.example .b.example".

          codetainer policy check FILE          every mistake, or the rules as understood
          codetainer allow api.example.com --for 10m
          codetainer deny example.net           in a running container, as is
          codetainer reload                     the files again
          codetainer policy suggest             the rules that would have allowed what
                                                was denied

        """
}

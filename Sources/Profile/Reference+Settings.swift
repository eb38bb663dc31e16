extension Reference {
    /// The table of settings, as in `tableRecords`.
    static let settingRecords = """
        [[setting]]
        A variable of the container that the agent's program understands. It is checked before \
        anything runs: what is wrong ends boot with 78, and an empty one counts as missing.

        name
        a string, the name of a variable
        needed
        "CODEMODE_CODE_TIMEOUT"
        Its name, for the container and for the agent.

        type
        a string, one of text, number, switch, port, address, target, file
        "text"
        "number"
        What it may be: a line of text, a whole number, true or false, a TCP port, an IP address, \
        host:port, or the path of a file, which root reads at boot and of which the agent gets a \
        copy in memory.

        default
        a string
        the agent does not get it
        "30"
        Its value where the container has none.

        choices
        an array of strings
        []
        ["INFO", "DEBUG"]
        The texts that it may be, in any case; none means any.

        minimum
        a whole number
        any number
        1
        The least that a number may be.

        maximum
        a whole number
        any number
        300
        The most that a number may be.

        when
        a string
        always
        "CODEMODE_TLS_ENABLED"
        The switch that must be true for a file to be looked at.


        """
}

extension Reference {
    /// As `tableRecords`.
    static let expectationRecords = """


        [expect]
        What must be so before the agent starts: what a person mounts and the options of a run are \
        not in the image's hands.

        read-only
        an array of strings, absolute paths
        []
        ["/home/claude/.ssh"]
        What nobody may write, as far as it is there. What is mounted writable becomes read-only, or \
        ends boot where nobody may mount.

        limits
        an array of strings: memory, cpu, pids
        []
        ["memory", "cpu", "pids"]
        What the runtime is to limit. `status` shows as off what it does not.

        no-credentials
        true or false
        false
        true
        Whether boot ends where the image itself holds a credential: a private key, a token, or a \
        password in a file of a home or of /etc.
        """
}

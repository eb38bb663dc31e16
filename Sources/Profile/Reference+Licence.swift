extension Reference {
    /// The table of a licensed image, as in `tableRecords`.
    static let licenceRecords = """
        [licence]
        The licence without which the image does not run. A service of its own asks the server for \
        a lease of a session, at boot and then again and again: see docs/licensing.md.

        key
        a string, the name of a variable
        needed
        "CODITECT_LICENSE_KEY"
        The variable with the key, which may come as a [[secret]] does: in it, in the file that \
        NAME_FILE names, or in /run/secrets/NAME. The agent never sees it.

        server
        a string, the name of a variable
        needed
        "CODITECT_LICENSE_SERVER"
        The variable with the server's address: https://HOST[:PORT][/PATH].

        server-default
        a string
        needed
        "https://licence.example.com"
        The address where that is not set. It is open to the lease service alone.

        heartbeat
        a string, the name of a variable
        needed
        "CODITECT_LICENSE_HEARTBEAT"
        The variable with the time between two questions, in seconds.

        heartbeat-default
        a string, a time from 1s to 24h
        "300s"
        "60s"
        The time where that is not set.

        grace
        a string, a time from 0s to 7 days
        "60m"
        "10m"
        How long the session goes on when the server is lost. `status` counts it down.

        exit-code
        a number from 1 to 125
        78
        77
        What the container ends with where the licence is the reason.

        product
        a string, lower-case letters, digits and -
        the profile's name
        "coditect"
        What the server is told that is licensed.

        authorities
        a string, an absolute path
        "/etc/ssl/certs/ca-certificates.crt"
        "/opt/vendor/authority.crt"
        A file of PEM certificates, to one of which the server's must lead.


        """
}

/// Packets that are right, annotated. The mutation test starts from these.
enum GoldenPackets {
    static let query = packet(
        """
        12 34              ; identifier
        01 20              ; QUERY, RD, AD
        00 01 00 00 00 00 00 01
        03 "wWw" 07 "Example" 03 "com" 00
        00 01 00 01        ; A IN
        00 00 29           ; OPT
        04 d0              ; payload 1232
        00 00 80 00        ; version 0, DO
        00 0c              ; 12 octets of options
        00 0a 00 08 01 02 03 04 05 06 07 08  ; a cookie
        """)

    static let chain = packet(
        """
        12 34 81 80        ; response, RD, RA
        00 01 00 03 00 00 00 01
        03 "www" 07 "example" 03 "com" 00   ; at 12
        00 01 00 01
        c0 0c 00 05 00 01 00 00 01 2c 00 06 03 "cdn" c0 10   ; CNAME cdn.example.com, at 45
        c0 2d 00 01 00 01 00 00 00 3c 00 04 cb 00 71 07      ; A 203.0.113.7
        c0 2d 00 1c 00 01 80 00 00 00 00 10                  ; AAAA 2001:db8::7, TTL 2^31
        20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07
        00 00 29 10 00 00 00 00 00 00 00
        """)

    static let negative = packet(
        """
        ab cd 81 83        ; response, NXDOMAIN
        00 01 00 00 00 01 00 00
        02 "no" 07 "example" 00
        00 1c 00 01
        c0 0f 00 06 00 01 00 00 03 84   ; SOA of example
        00 26                           ; 38 octets
        02 "ns" c0 0f
        0a "first.last" c0 0f           ; a mailbox with a dot inside its label
        00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05
        """)

    static let blocked = packet(
        """
        00 07 81 83 00 01 00 00 00 00 00 01
        04 "evil" 04 "test" 00 00 01 00 01
        00 00 29 04 d0 00 00 00 00
        00 0d 00 0f 00 09 00 0f "blocked"
        """)

    static let all = [query, chain, negative, blocked]
}

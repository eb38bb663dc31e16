import DNSWire
import Testing

@Suite struct MessageWriterTests {
    typealias Output = OutputSpan<UInt8>

    @Test func writesAQueryWithCapitalsAndOptions() throws {
        let question = Question(try Name(text: "www.example.com"), .a)
        let spelled = packet("03 \"wWw\" 07 \"Example\" 03 \"com\" 00")
        let letterCase = LetterCase(of: spelled.span)
        let octets = try [UInt8](capacity: 512) { (output: inout Output) throws(WireError) in
            try output.put(
                Header(identifier: 7, flags: .recursionDesired, additionalCount: 1))
            try output.put(question, letterCase: letterCase)
            try output.put(ExtendedOptions(payloadSize: 1232))
        }
        #expect(
            octets
                == packet(
                    """
                    00 07 01 00 00 01 00 00 00 00 00 01
                    03 "wWw" 07 "Example" 03 "com" 00 00 01 00 01
                    00 00 29 04 d0 00 00 00 00 00 00
                    """))
    }

    @Test func writesADenialThatExplainsItself() throws {
        let question = Question(try Name(text: "evil.test"), .a)
        let octets = try [UInt8](capacity: 512) { (output: inout Output) throws(WireError) in
            var flags: Header.Flags = [.response, .recursionAvailable]
            flags.responseCode = .nameError
            try output.put(
                Header(identifier: 7, flags: flags, authorityCount: 1, additionalCount: 1))
            try output.put(question)
            try output.putNegativeAuthority(owner: 12, timeToLive: 10)
            var options = ExtendedOptions(payloadSize: 1232)
            options.extendedError = ExtendedError(.blocked, "evil.test")
            try output.put(options)
        }
        #expect(
            octets
                == packet(
                    """
                    00 07 80 83 00 01 00 00 00 01 00 01
                    04 "evil" 04 "test" 00 00 01 00 01
                    c0 0c 00 06 00 01 00 00 00 0a 00 2f   ; SOA, 47 octets
                    09 "localhost" 00 06 "nobody" 07 "invalid" 00
                    00 00 00 01 00 00 0e 10 00 00 04 b0 00 09 3a 80 00 00 00 0a
                    00 00 29 04 d0 00 00 00 00 00 0f      ; OPT
                    00 0f 00 0b 00 0f "evil.test"         ; Extended DNS Error 15
                    """))
        try readAll(octets)
    }

    @Test func writesMinimalAny() throws {
        let octets = try [UInt8](capacity: 64) { (output: inout Output) throws(WireError) in
            try output.putMinimalAny(owner: 12, timeToLive: 3600)
        }
        #expect(octets == packet("c0 0c 00 0d 00 01 00 00 0e 10 00 09 07 \"RFC8482\" 00"))
    }

    @Test func cutsTheTextOfAnErrorToTheRoomThatIsLeft() throws {
        var options = ExtendedOptions(payloadSize: 512)
        options.extendedError = ExtendedError(.blocked, "0123456789")
        for (capacity, length) in [(100, 27), (20, 20), (19, 19), (17, 17), (16, 11), (11, 11)] {
            let octets = try [UInt8](capacity: capacity) {
                (output: inout Output) throws(WireError) in try output.put(options)
            }
            #expect(octets.count == length)
            try readAll(packet("00 01 01 00 00 00 00 00 00 00 00 01") + octets)
        }
    }

    @Test func everyCapacityEitherHoldsTheMessageOrThrows() throws {
        let question = Question(try Name(text: "www.example.com"), .a)
        let write = { (output: inout Output) throws(WireError) in
            try output.put(Header(identifier: 7, flags: .response, additionalCount: 1))
            try output.put(question)
            try output.putRecord(owner: 12, .a, timeToLive: 1, dataLength: 4)
            try output.put(0x0102_0304 as UInt32)
            try output.putNegativeAuthority(owner: 12, timeToLive: 10)
            try output.putMinimalAny(owner: 12, timeToLive: 10)
            try output.put(ExtendedOptions(payloadSize: 512))
        }
        let whole = try [UInt8](capacity: 512, initializingWith: write).count
        for capacity in 0..<whole {
            #expect(throws: WireError.noRoom) {
                try [UInt8](capacity: capacity, initializingWith: write)
            }
        }
    }
}

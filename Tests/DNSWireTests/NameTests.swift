import DNSWire
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        ("www.example.com", "03 \"www\" 07 \"example\" 03 \"com\" 00"),
        ("WWW.Example.COM.", "03 \"www\" 07 \"example\" 03 \"com\" 00"),
        ("_dns.a", "04 \"_dns\" 01 \"a\" 00"),
        (".", "00"),
    ])
    func textToWire(_ text: String, _ wire: String) throws {
        #expect(try Name(text: text) == Name(wire: packet(wire).span))
    }

    @Test(arguments: [
        ("a..b", WireError.labelLength),
        (".a", .labelLength),
        (String(repeating: "a", count: 64), .labelLength),
        (String(repeating: "a.", count: 128), .nameTooLong),
        ("a\0b", .octetForbidden),
    ])
    func refusesText(_ text: String, _ error: WireError) {
        #expect(throws: error) { try Name(text: text) }
    }

    @Test(arguments: [
        ("", WireError.truncated),
        ("01", .truncated),
        ("01 61", .truncated),
        ("01 61 00 00", .trailingOctets),
        ("c0 0c", .truncated),
    ])
    func refusesWire(_ wire: String, _ error: WireError) {
        #expect(throws: error) { try Name(wire: packet(wire).span) }
    }

    @Test func describesWhatIsNotPrintable() throws {
        #expect(try Name(wire: packet("03 61 07 5c 00").span).description == "a\\007\\092")
        #expect(Name().description == ".")
    }

    @Test func randomCapitalsFallOnLettersOnlyAndOnAboutHalf() throws {
        let name = try Name(text: "abcdefghijklmnopqrstuvwxyz.0123456789-_.test")
        var random = SeededRandom(state: 1)
        let drawn = LetterCase(for: name, using: &random)
        let capitals = (0..<name.count).filter { drawn.contains($0) }
        #expect(capitals.allSatisfy { (0x61...0x7a).contains(name.octets[$0]) })
        #expect(5...25 ~= capitals.count)
        #expect(drawn != LetterCase(for: name, using: &random))
    }
}

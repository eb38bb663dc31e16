import Testing

@testable import Policy

@Suite struct AddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("192.0.2.1", "192.0.2.1"),
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("2001:DB8::1", "2001:db8::1"),
        ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1::1", "2001:0:0:1::1"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ("::ffff:102:304", "::ffff:1.2.3.4"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("::1.2.3.4", "::102:304"),
    ])
    func accepts(text: String, canonical: String) throws {
        let address = try Address(parsing: text)
        #expect(address.description == canonical)
        #expect(try Address(parsing: canonical) == address)
        #expect(Address(bytes: address.bytes) == address)
        #expect(Address(bytes: address.bytes.span) == address)
    }

    @Test(arguments: [
        "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.", ".1.2.3",
        "1..2.3", "0x1.2.3.4", "1.2.3.4 ", "+1.2.3.4", "١.2.3.4", ":", ":::", "1:", ":1", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::",
        "g::", "::1%eth0", "[::1]", "::1/64", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::",
        "::1.2.3.4:5", "fe80::1%", "1:::2",
    ])
    func refuses(text: String) {
        #expect(throws: SyntaxError.self) { try Address(parsing: text) }
    }

    @Test(arguments: [
        (
            "1.2.3.256", 7,
            "\"1.2.3.256\" is not an IP address: an IPv4 address is four numbers from 0 to 255, "
                + "without leading zeros"
        ),
        (
            "fe80::1%eth0", 8,
            "\"fe80::1%eth0\" is not an IP address: a zone is not allowed: an address means the "
                + "same on every link"
        ),
        (
            "1::2::3", 5,
            "\"1::2::3\" is not an IP address: \"::\" can stand in an address only once"
        ),
        ("1:2", 1, "\"1:2\" is not an IP address: it has 2 of eight groups"),
    ])
    func explains(text: String, column: Int, message: String) {
        let error = #expect(throws: SyntaxError.self) { try Address(parsing: text) }
        #expect(error?.description == message)
        #expect(error?.column == column)
    }

    @Test func bytesAreInNetworkOrder() {
        #expect(Address.v4(0xC000_0201).bytes == [192, 0, 2, 1])
        #expect(
            Address.v6(0x2001_0DB8_0000_0000, 1).bytes
                == [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(Address(bytes: [1, 2, 3]) == nil)
        #expect(Address(bytes: [UInt8](repeating: 0, count: 17)) == nil)
    }

    @Test func ordersIPv4BeforeIPv6() throws {
        let addresses = try ["0.0.0.1", "255.0.0.0", "::", "::1", "1::"].map {
            try Address(parsing: $0)
        }
        #expect(addresses.reversed().sorted() == addresses)
    }
}

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("203.0.113.0/24", "203.0.113.0", "203.0.113.255", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0", "255.255.255.255", "0.0.0.0/0"),
        ("10.1.2.3/32", "10.1.2.3", "10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3", "10.1.2.3"),
        ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0"),
        ("2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff", "2001:db8::/33"),
        ("2001:db8::/65", "2001:db8::", "2001:db8::7fff:ffff:ffff:ffff", "2001:db8::/65"),
    ])
    func accepts(text: String, first: String, last: String, canonical: String) throws {
        let range = try AddressRange(parsing: text)
        #expect(range.first.description == first)
        #expect(range.last.description == last)
        #expect(range.description == canonical)
        #expect(range.contains(range.first) && range.contains(range.last))
    }

    @Test(arguments: [
        (
            "10.1.2.3/8",
            "\"10.1.2.3/8\" is not an address range: bits beyond the prefix are set: "
                + "write \"10.0.0.0/8\""
        ),
        (
            "2001:db8::1/64",
            "\"2001:db8::1/64\" is not an address range: bits beyond the prefix are set: "
                + "write \"2001:db8::/64\""
        ),
        (
            "10.0.0.0/33",
            "\"10.0.0.0/33\" is not an address range: a prefix length is a number from 0 to 32"
        ),
        (
            "10.0.0.0/",
            "\"10.0.0.0/\" is not an address range: a prefix length is a number from 0 to 32"
        ),
        ("::/129", "\"::/129\" is not an address range: a prefix length is a number from 0 to 128"),
        (
            "10.0.0.0/255.0.0.0",
            "\"10.0.0.0/255.0.0.0\" is not an address range: a prefix length is a number from 0 to 32"
        ),
    ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: SyntaxError.self) { try AddressRange(parsing: text) }
        #expect(error?.description == message)
    }

    @Test func containsAndOverlaps() throws {
        let wide = try AddressRange(parsing: "10.0.0.0/8")
        let narrow = try AddressRange(parsing: "10.1.0.0/16")
        let other = try AddressRange(parsing: "11.0.0.0/8")
        #expect(wide.contains(narrow) && !narrow.contains(wide))
        #expect(wide.overlaps(narrow) && narrow.overlaps(wide) && !wide.overlaps(other))
        #expect(!wide.contains(try Address(parsing: "::ffff:10.0.0.1")))
        #expect(AddressRange(base: .v4(0x0A00_0000), prefixLength: 8) == wide)
        #expect(AddressRange(base: .v4(0x0A00_0001), prefixLength: 8) == nil)
        #expect(AddressRange(base: .v4(0x0A00_0000), prefixLength: 33) == nil)
        #expect(AddressRange(base: .v4(0x0A00_0000), prefixLength: -1) == nil)
    }

    /// Of every length: its first and its last address are in it, and the ones beside them are not.
    @Test(arguments: [
        Address.v4(0xC0A8_1337), .v4(0), .v4(.max),
        .v6(0x2001_0DB8_DEAD_BEEF, 0x0123_4567_89AB_CDEF),
        .v6(0, 0), .v6(.max, .max),
    ])
    func holdsWhatIsBetweenItsEnds(address: Address) throws {
        for length in 0...address.width {
            let range = AddressRange(around: address, prefixLength: length)
            let (first, last) = (range.first.bits, range.last.bits)
            for bits in [first, last, address.bits, first &- 1, last &+ 1, ~address.bits, 0] {
                let other = Address(bits: bits, width: address.width)
                #expect(range.contains(other) == (range.first <= other && other <= range.last))
            }
            let other = address.isIPv4 ? Address(bits: first, width: 128) : .v4(0)
            #expect(!range.contains(other), "another family")
        }
    }
}

import Policy
import Testing

@Suite struct DomainNameTests {
    @Test(arguments: [
        ("example.com", "example.com"),
        ("EXAMPLE.Com.", "example.com"),
        ("_dmarc.example.com", "_dmarc.example.com"),
        ("r3---sn-4g5e.example.com", "r3---sn-4g5e.example.com"),
        ("1e100.net", "1e100.net"),
        ("0x.example", "0x.example"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("straße.de", "xn--strae-oqa.de"),
        ("βόλος.gr", "xn--nxasmm1c.gr"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        // RFC 3492 §7.1: (B) Chinese, (E) Hebrew, (H) Russian, (L) Japanese.
        ("למההםפשוטלאמדבריםעברית", "xn--4dbcagdahymbxekheh6e0a7fei0b"),
        ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"),
    ])
    func accepts(text: String, canonical: String) throws {
        let name = try DomainName(parsing: text)
        #expect(name.description == canonical)
        #expect(try DomainName(parsing: canonical) == name)
        #expect(DomainName(wireName: name.wireBytes.span) == name)
    }

    @Test(arguments: [
        ("", "\"\" is not a domain name: the name is missing", 1),
        (".", "\".\" is not a domain name: a label between dots is empty", 1),
        ("a..b", "\"a..b\" is not a domain name: a label between dots is empty", 3),
        ("exa mple.com", "\"exa mple.com\" is not a domain name: a space is not allowed", 4),
        (
            "a.*.b",
            "\"a.*.b\" is not a domain name: a wildcard stands only at the start, as \"*.\"", 3
        ),
        ("-a.b", "\"-a.b\" is not a domain name: a label cannot begin with a hyphen", 1),
        ("a.b-.c", "\"a.b-.c\" is not a domain name: a label cannot end with a hyphen", 4),
        ("a\0b", "\"a\\u{0}b\" is not a domain name: \"\\u{0}\" is not allowed in a name", 2),
        (
            "1.2.3",
            "\"1.2.3\" is not a domain name: it ends in a number, so programs would read it as an "
                + "IPv4 address", 1
        ),
        (
            "0x7f.0X1",
            "\"0x7f.0X1\" is not a domain name: it ends in a number, so programs would read it as "
                + "an IPv4 address", 1
        ),
        ("bü☃.de", "\"bü☃.de\" is not a domain name: \"☃\" is not allowed in a name", 3),
        (
            "b\u{FF55}.de",
            "\"b\u{FF55}.de\" is not a domain name: \"\u{FF55}\" is not allowed in a name", 2
        ),
        (
            "x\u{200D}y.de",
            "\"x\\u{200D}y.de\" is not a domain name: \"\\u{200D}\" is not allowed in a name", 2
        ),
        (
            "bu\u{308}cher.de",
            "\"bu\u{308}cher.de\" is not a domain name: a combining accent is not allowed: write "
                + "the letter as one character, or the label as xn--…", 3
        ),
        (
            "xn--ü.de",
            "\"xn--ü.de\" is not a domain name: hyphens as third and fourth character mark a label "
                + "already encoded", 1
        ),
        (
            "\u{93E}a.in",
            "\"\u{93E}a.in\" is not a domain name: a label cannot begin with a combining mark", 1
        ),
        ("a。b", "\"a。b\" is not a domain name: \"。\" is not allowed in a name", 2),
    ])
    func refuses(text: String, message: String, column: Int) {
        let error = #expect(throws: DomainNameError.self) { try DomainName(parsing: text) }
        #expect(error?.description == message)
        #expect(error?.column == column)
    }

    @Test func limitsOfLabelAndName() throws {
        let label = String(repeating: "a", count: 63)
        #expect(throws: Never.self) { try DomainName(parsing: "\(label).b") }
        #expect(throws: DomainNameError.self) { try DomainName(parsing: "\(label)a.b") }
        // Four labels and their lengths, and the root: 64 + 64 + 64 + 62 + 1 = 255.
        let longest = "\(label).\(label).\(label).\(label.dropLast(2))"
        #expect(try DomainName(parsing: longest).wireBytes.count == 255)
        #expect(throws: DomainNameError.self) { try DomainName(parsing: longest + "a") }
        #expect(throws: DomainNameError.self) {
            try DomainName(parsing: String(repeating: "ü", count: 100_000))
        }
    }

    @Test(
        arguments: [
            [], [0], [1], [1, 97], [1, 97, 0, 0], [1, 97, 2, 98, 0],
            [64] + Array(repeating: 97, count: 64) + [0],
            [0xC0, 0], [1, 46, 0], [1, 0, 0], [1, 0x20, 0], [2, 45, 97, 0], [2, 97, 45, 0],
            [1, 0xE9, 0],
            Array(repeating: [1, 97], count: 127).flatMap { $0 } + [1, 97, 0],
        ] as [[UInt8]])
    func refusesWireName(bytes: [UInt8]) {
        #expect(DomainName(wireName: bytes.span) == nil)
    }

    @Test func foldsWireName() {
        #expect(
            DomainName(wireName: ([1, 65, 2, 66, 95, 0] as [UInt8]).span)?.description == "a.b_")
        let longest: [UInt8] = Array(repeating: [1, 97], count: 127).flatMap { $0 } + [0]
        #expect(DomainName(wireName: longest.span)?.wireBytes == longest)
    }

    /// The example of RFC 4034 §6.1, as far as it is host names.
    @Test func ordersByLabelFromTheRight() throws {
        let names = try ["example", "a.example", "yljkjljk.a.example", "z.a.example", "z.example"]
            .map { try DomainName(parsing: $0) }
        #expect(names.shuffled().sorted() == names)
    }
}

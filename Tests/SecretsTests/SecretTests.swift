import Linux
import Secrets
import Testing

@Suite struct SecretDefectTests {
    @Test(arguments: ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "a", "!\"#$%&'()*+,-./~", "0"])
    func accepts(value: String) {
        #expect(SecretDefect.find(in: value) == nil)
    }

    @Test(arguments: [
        (nil, SecretDefect.notSet), ("", .empty), (" ", .empty), ("\n\t\r\n", .empty),
        (" token", .surroundedByWhitespace), ("token ", .surroundedByWhitespace),
        ("token\n", .surroundedByWhitespace), ("token\r\n", .surroundedByWhitespace),
        ("\u{b}token", .surroundedByWhitespace), ("tok en", .containsWhitespace),
        ("tok\nen", .containsWhitespace), ("tok\u{1}en", .containsControlCharacter),
        ("tok\u{7f}en", .containsControlCharacter), ("\u{1b}[31m", .containsControlCharacter),
        ("tokén", .notASCII), ("token\u{a0}", .notASCII), ("\u{feff}token", .notASCII),
    ])
    func finds(value: String?, defect: SecretDefect) {
        #expect(SecretDefect.find(in: value) == defect)
    }

    @Test(arguments: [
        (
            SecretDefect.notSet,
            "secret GH_PAT is not set: pass it with `docker run -e GH_PAT` (see README, Secrets)"
        ),
        (
            .empty,
            "secret GH_PAT is empty: set it in the shell that runs `docker run -e GH_PAT`"
        ),
        (
            .surroundedByWhitespace,
            "secret GH_PAT starts or ends with whitespace: remove it, often a line break left by a paste"
        ),
        (.containsWhitespace, "secret GH_PAT contains whitespace: copy it again, in one piece"),
        (
            .containsControlCharacter,
            "secret GH_PAT contains a control character: copy it again, as plain text"
        ),
        (
            .notASCII,
            "secret GH_PAT contains a character outside ASCII: copy it again, as plain text"
        ),
    ])
    func says(defect: SecretDefect, sentence: String) {
        #expect(defect.sentence(for: "GH_PAT") == sentence)
    }
}

@Suite struct SecretTests {
    @Test func lendsItsBytes() throws {
        let secret = try Secret(Array("value".utf8))
        #expect(secret.withBytes { span in span.indices.map { span[$0] } } == Array("value".utf8))
    }

    @Test(arguments: [("value", "{value}"), ("a\"b\\c", "{a\\\"b\\\\c}"), ("", "{}")])
    func isEscapedInPlace(value: String, text: String) throws {
        let escaped = try Secret(Array(value.utf8)).escaped(between: "{", and: "}")
        #expect(escaped.withBytes { span in span.indices.map { span[$0] } } == Array(text.utf8))
        #expect(escaped.isLocked)
    }

    @Test func comesOutOfAMemoryFile() throws {
        let secret = try Secret(Array("value".utf8))
        let file = try secret.withBytes { bytes throws(SystemCallError) in
            try MemoryFile.sealed("secret", holding: bytes)
        }
        let read = try Secret(contentsOf: file.raw)
        #expect(read.withBytes { span in span.indices.map { span[$0] } } == Array("value".utf8))
    }

    /// Whoever prints one by mistake prints the name of its type.
    @Test func doesNotPrintItself() throws {
        let secret = try Secret(Array("value".utf8))
        #expect("\(secret)" == "Secrets.Secret")
        #expect(String(reflecting: secret) == "Secrets.Secret")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(dumped.hasPrefix("▿ Secrets.Secret"))
        #expect(Self.shows("value", in: dumped) == false)
    }

    /// What the test above looks for is what a dump of the value shows.
    @Test func aPlainValueWouldBeSeen() {
        var text = ""
        dump("value", to: &text)
        #expect(Self.shows("value", in: text))
        var octets = ""
        dump(Array("value".utf8), to: &octets)
        #expect(Self.shows("value", in: octets))
    }

    /// Whether a dump has `value` as text, or an octet of it as an element: the whole of a line's
    /// value, as digits are in the addresses of its pointers too.
    private static func shows(_ value: String, in dump: String) -> Bool {
        dump.split(separator: "\n").contains { line in
            let element = line.split(separator: " ").last.map(String.init) ?? ""
            return element.utf8.elementsEqual("\"\(value)\"".utf8)
                || value.utf8.contains { element == String($0) }
        }
    }
}

@Suite struct CredentialBrokerTests {
    private static func broker() throws -> CredentialBroker {
        CredentialBroker([
            .init(host: "github.com", username: "x", secret: try Secret([1])),
            .init(host: "git.example.com:8443", username: "y", secret: try Secret([2])),
        ])
    }

    @Test func countsWhatItServes() throws {
        var broker = try Self.broker()
        #expect(broker.credential(for: "github.com")?.username == "x")
        #expect(broker.credential(for: "git.example.com:8443")?.username == "y")
        #expect(broker.credential(for: "github.com")?.served == 2)
        #expect(broker.credentials.map(\.served) == [2, 1] && broker.refused == 0)
    }

    @Test(arguments: [
        "", "GitHub.com", "github.com.", "github.com:443", "git.example.com", "hub.com",
        "evil-github.com", "github.com/",
    ])
    func refusesEveryOtherHost(host: String) throws {
        var broker = try Self.broker()
        #expect(broker.credential(for: host) == nil)
        #expect(broker.credentials.map(\.served) == [0, 0] && broker.refused == 1)
    }

    @Test func goesOnCounting() throws {
        let secret = try Secret([1])
        var broker = CredentialBroker(
            [.init(host: "a", username: "x", secret: secret, served: .max)], refused: .max)
        #expect(broker.credential(for: "a")?.served == 0)
        #expect(broker.credential(for: "b") == nil && broker.refused == 0)
    }
}

import Foundation
import Linux
import Logging
import Secrets
import SystemPackage
import TestSupport
import Testing

@testable import Supervision

@Suite struct LogLineTests {
    private static let time = WallTime(seconds: 1_700_000_000, nanoseconds: 45_999_999)

    private static func human(_ level: Logger.Level, _ message: String, colour: Bool = false)
        -> String
    {
        String(decoding: LogLine.human(level, message, colour: colour), as: UTF8.self)
    }

    @Test(arguments: [
        (Logger.Level.info, "one", "codetainer: one\n"),
        (.notice, "one", "codetainer: one\n"),
        (.error, "one", "codetainer: one\n"),
        (.warning, "one", "codetainer: warning: one\n"),
        (.debug, "one", "codetainer: debug: one\n"),
        (.info, "one\ntwo\r\n\tthree", "codetainer: one\\ntwo\\r\\n\\tthree\n"),
        (
            .info, "a\u{1b}[2Jb\u{9b}c\u{202e}d\u{2028}e\0",
            "codetainer: a\\u{1b}[2Jb\\u{9b}c\\u{202e}d\\u{2028}e\\u{0}\n"
        ),
        (.info, "naïve 木 🎉", "codetainer: naïve 木 🎉\n"),
        (.info, "", "codetainer: \n"),
    ])
    func forPeopleAnEventIsOneLine(level: Logger.Level, message: String, line: String) {
        #expect(Self.human(level, message) == line)
    }

    @Test(arguments: [
        (Logger.Level.info, "codetainer: x\n"),
        (.debug, "\u{1b}[2mcodetainer: debug:\u{1b}[0m x\n"),
        (.warning, "\u{1b}[33mcodetainer: warning:\u{1b}[0m x\n"),
        (.error, "\u{1b}[31mcodetainer:\u{1b}[0m x\n"),
    ])
    func coloursSayHowBadItIs(level: Logger.Level, line: String) {
        #expect(Self.human(level, "x", colour: true) == line)
    }

    @Test func asJSONAnEventIsOneLine() throws {
        let line = LogLine.json(.warning, "one\n\"two\"\u{1}", time: Self.time)
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"time":"2023-11-14T22:13:20.045Z","level":"warning","message":"one\n\"two\"\u0001"}"#
                + "\n"
        )
    }

    @Test func anyOctetsMakeValidJSON() throws {
        var generator = SystemRandomNumberGenerator()
        for count in 0..<120 {
            let octets = (0..<(count * 40)).map { _ in UInt8.random(in: 0...255, using: &generator)
            }
            let message = String(decoding: octets, as: UTF8.self)
            let line = LogLine.json(.info, message, time: Self.time)
            #expect(line.count <= LogLine.longest && line.last == 0x0a)
            #expect(line.count { $0 == 0x0a } == 1)
            let object =
                try JSONSerialization.jsonObject(with: Data(line)) as? [String: String]
            let shown = try #require(object?["message"])
            let isWhole = Array(shown.utf8) == Array(message.utf8)
            let isCut = shown.utf8.suffix(3).elementsEqual("…".utf8)
            #expect(
                isWhole || isCut && line.count > LogLine.longest - 12,
                "\(line.count) octets of \(octets)")
        }
    }

    @Test(arguments: [Logger.Level.info, .warning])
    func whatIsTooLongIsCutBetweenCharacters(level: Logger.Level) {
        for message in ["x", "é", "🎉", "\u{1}"] {
            let line = LogLine.human(level, String(repeating: message, count: 5000))
            #expect(line.count <= LogLine.longest && line.count > LogLine.longest - 12)
            #expect(String(validating: line, as: UTF8.self)?.hasSuffix("…\n") == true)
        }
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"), (1_078_012_800, "2004-02-29T00:00:00.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"), (1_795_278_673, "2026-11-21T16:31:13.000Z"),
        (253_402_300_799, "9999-12-31T23:59:59.000Z"), (.max, "9999-12-31T23:59:59.000Z"),
        (-1, "1970-01-01T00:00:00.000Z"),
    ])
    func timesAreOfRFC3339(seconds: Int64, text: String) {
        #expect(WallTime(seconds: seconds).timestamp == text)
    }
}

@Suite struct LogSettingsTests {
    @Test(
        arguments: [
            ([:], LogSettings.Form.human, Logger.Level.info, false),
            (["CODETAINER_LOG": "", "CODETAINER_LOG_LEVEL": ""], .human, .info, false),
            (["CODETAINER_LOG": "json", "CODETAINER_LOG_LEVEL": "debug"], .json, .debug, false),
            (["CODETAINER_LOG_LEVEL": "error", "TERM": "xterm"], .human, .error, true),
            (["TERM": "dumb"], .human, .info, false),
            (["TERM": "xterm", "NO_COLOR": ""], .human, .info, true),
            (["TERM": "xterm", "NO_COLOR": "0"], .human, .info, false),
        ] as [([String: String], LogSettings.Form, Logger.Level, Bool)])
    func areRead(
        environment: [String: String], form: LogSettings.Form, level: Logger.Level, colour: Bool
    ) {
        let (settings, mistakes) = LogSettings.reading(environment)
        #expect(mistakes == [])
        #expect(settings.form == form && settings.level == level && settings.takesColour == colour)
    }

    @Test func everyMistakeIsNamed() {
        let (settings, mistakes) = LogSettings.reading([
            "CODETAINER_LOG": "JSON", "CODETAINER_LOG_LEVEL": "trace",
        ])
        #expect(settings == LogSettings())
        #expect(
            mistakes == [
                "CODETAINER_LOG \"JSON\" must be human or json",
                "CODETAINER_LOG_LEVEL \"trace\" must be debug, info, notice, warning or error",
            ])
    }
}

@Suite struct LogMaskTests {
    private static let token = "github_pat_Qx4mW9zKv2Rt8Lp3"

    @Test(arguments: [
        ("nothing", "nothing"),
        (token, "[hidden]"),
        ("x \(token)\(token) y", "x [hidden] y"),
        ("cut: \"github_pat_Qx4…\"", "cut: \"[hidden]…\""),
        ("the end: Kv2Rt8Lp3.", "the end: [hidden]."),
        ("short: v2Rt8Lp", "short: v2Rt8Lp"),
        ("https://user:pa/s@s@host.test/a@b", "https://[hidden]@b"),
        ("https://\(token)@host.test/", "https://[hidden]@host.test/"),
        (
            "fatal: 'https://x:y@h.test/' and https://u:w@i.test",
            "fatal: 'https://[hidden]@h.test/' and https://[hidden]@i.test"
        ),
        ("\"user:pass@host\"", "\"[hidden]@host\""),
        ("git@github.com: no", "git@github.com: no"),
        ("git@github.com:a/b", "git@github.com:a/b"),
    ])
    func hides(message: String, shown: String) {
        var mask = LogMask()
        mask.hide(Self.token)
        #expect(mask.applied(to: message) == shown)
    }

    @Test func hidesWhatItHasNoCopyOf() throws {
        let secret = try Secret(Array(Self.token.utf8))
        let mask = LogMask()
        #expect(mask.applied(to: "allow \(Self.token): no") == "allow \(Self.token): no")
        for (message, shown) in [
            ("allow \(Self.token): no", "allow [hidden]: no"), ("Kv2Rt8Lp3", "[hidden]"),
            ("pat_Qx4", "pat_Qx4"), ("", ""),
        ] { #expect(mask.applied(to: message, besides: [secret]) == shown) }
    }

    @Test(arguments: [
        ("GH_PAT", "planted-value", true), ("my_api_key", "planted-value", true),
        ("CLAUDE_CODE_OAUTH_TOKEN", "planted-value", true), ("MONKEY", "planted-value", false),
        ("PATH", "planted-value", false), ("SSH_KEY", "/planted-value", false),
        ("AUTH_URL", "https://planted-value", false),
    ])
    func variablesAreSecretByName(name: String, value: String, isHidden: Bool) {
        var mask = LogMask()
        mask.hideSecrets(of: [name: value])
        #expect((mask.applied(to: "a \(value)") == "a [hidden]") == isHidden)
    }
}

@Suite struct LineStreamTests {
    /// Takes so many octets, as a pipe or terminal with so much room does.
    private final class Reader {
        var room = Int.max
        var isGone = false
        var taken = ""

        func write(_ octets: ArraySlice<UInt8>) -> Transfer {
            if isGone { return .failed(.brokenPipe) }
            guard room > 0 else { return .wouldBlock }
            let part = octets.prefix(room)
            room -= part.count
            taken += String(decoding: part, as: UTF8.self)
            return .moved(part.count)
        }
    }

    private let reader = Reader()

    private func put(_ line: String, _ stream: inout LineStream) {
        stream.put(Array(line.utf8), report: report, through: reader.write)
    }

    private func report(_ lost: UInt64) -> [UInt8] { Array("\(lost) lost\n".utf8) }

    @Test func whatIsLostIsSaidBeforeTheNextLine() {
        var stream = LineStream()
        put("one\n", &stream)
        reader.room = 0
        put("two\n", &stream)
        put("three\n", &stream)
        #expect(stream.isBehind && stream.lost == 2)
        reader.room = .max
        put("four\n", &stream)
        #expect(reader.taken == "one\n2 lost\nfour\n")
        #expect(!stream.isBehind)
    }

    @Test func itIsSaidWithoutANextLineToo() {
        var stream = LineStream()
        reader.room = 0
        put("one\n", &stream)
        reader.room = .max
        stream.catchUp(report: report, through: reader.write)
        stream.catchUp(report: report, through: reader.write)
        #expect(reader.taken == "1 lost\n")
    }

    @Test func aLineThatHasBegunIsFinishedFirst() {
        var stream = LineStream()
        reader.room = 2
        put("one\n", &stream)
        #expect(stream.isBehind)
        put("two\n", &stream)
        #expect(reader.taken == "on")
        reader.room = 5
        put("three\n", &stream)
        #expect(reader.taken == "one\n1 l")
        reader.room = .max
        put("four\n", &stream)
        #expect(reader.taken == "one\n1 lost\n1 lost\nfour\n")
    }

    @Test func aReaderThatIsGoneIsNotTriedAgainWithoutALine() {
        var stream = LineStream()
        reader.isGone = true
        put("one\n", &stream)
        #expect(!stream.isBehind && stream.lost == 1)
        reader.isGone = false
        put("two\n", &stream)
        #expect(reader.taken == "1 lost\ntwo\n")
    }
}

@Suite struct BootLogTests {
    @Test func keepsWhatCameBeforeItsFile() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("boot.log")
        let log = BootLog()
        log.append(Array("before\n".utf8))
        try log.open(at: path)
        log.append(Array("after\n".utf8))
        #expect(try Files.text(path) == "before\nafter\n")
        #expect(try FileStatus(of: path)?.mode == 0o600)
    }

    @Test func growsNoFurtherThanSixtyFourKiB() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("boot.log")
        let log = BootLog()
        let line = [UInt8](repeating: 0x78, count: 4095) + [0x0a]
        for _ in 0..<3 { log.append(line) }
        try log.open(at: path)
        for _ in 0..<20 { log.append(line) }
        #expect(try FileStatus(of: path)?.byteCount == 64 << 10)
    }
}

import Foundation
import Linux
import Logging
import SystemPackage
import TestSupport
import Testing

@testable import Supervision

@Suite struct EventLogTests {
    @Test(arguments: [
        (Logger.Level.info, "one", "codetainer: one\n"),
        (.error, "one", "codetainer: one\n"),
        (.warning, "one", "codetainer: warning: one\n"),
        (.info, "one\ntwo\n", "codetainer: one\ncodetainer: two\n"),
        (.warning, "a\n\nb", "codetainer: warning: a\ncodetainer: warning: b\n"),
        (.info, "one\r\ntwo", "codetainer: one\ncodetainer: two\n"),
        (.info, "", ""),
    ])
    func forPeopleEachLineIsMarked(level: Logger.Level, message: String, lines: String) {
        #expect(EventLog.human(level, message) == lines)
    }

    @Test func asJSONAMessageIsOneLine() throws {
        let line = EventLog.json(.warning, "one\n\"two\"\u{1}", time: 1_700_000_000)
        #expect(
            line
                == "{\"time\":1700000000,\"level\":\"warning\",\"message\":\"one\\n\\\"two\\\"\\u0001\"}\n"
        )
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object?["message"] as? String == "one\n\"two\"\u{1}")
        #expect(object?["level"] as? String == "warning")
        #expect(object?["time"] as? Int == 1_700_000_000)
    }
}

@Suite struct BootLogTests {
    @Test func keepsWhatCameBeforeItsFile() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("boot.log")
        let log = BootLog()
        log.append("before\n")
        try log.open(at: path)
        log.append("after\n")
        #expect(try Files.text(path) == "before\nafter\n")
        #expect(try FileStatus(of: path)?.mode == 0o600)
    }

    @Test func growsNoFurtherThanSixtyFourKiB() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("boot.log")
        let log = BootLog()
        let line = String(repeating: "x", count: 4095) + "\n"
        for _ in 0..<3 { log.append(line) }
        try log.open(at: path)
        for _ in 0..<20 { log.append(line) }
        #expect(try FileStatus(of: path)?.byteCount == 64 << 10)
    }
}

import Control
import Testing

@Suite struct ControlRequestTests {
    @Test(arguments: [
        ("status", ControlRequest.status), ("status all", .fullStatus), ("health", .health),
        ("decisions", .decisions),
        ("credential github.com", .credential(host: "github.com")),
        ("credential git.example.com:8443", .credential(host: "git.example.com:8443")),
        ("upgrade /opt/codetainer", .upgrade(path: "/opt/codetainer")),
        ("agent-started", .agentStarted), ("agent-ended 0", .agentEnded(code: 0)),
        ("agent-ended 255", .agentEnded(code: 255)), ("agent-starting", .agentStarting),
    ])
    func isReadAndWritten(line: String, request: ControlRequest) throws {
        #expect(try ControlRequest(parsing: line.utf8) == request)
        #expect(request.line == line + "\n")
    }

    @Test(arguments: [
        ("", "unknown request"), (" ", "unknown request"), ("STATUS", "unknown request"),
        ("status now", "unknown request"), ("credential", "unknown request"),
        ("credential a b", "unknown request"), ("agent-started 1", "unknown request"),
        ("upgrade", "unknown request"), ("upgrade /a /b", "unknown request"),
        ("upgrade codetainer", "upgrade takes an absolute path"),
        ("agent-ended", "unknown request"), ("{\"status\":1}", "unknown request"),
        ("agent-ended 256", "agent-ended takes a code from 0 to 255"),
        ("agent-ended -1", "agent-ended takes a code from 0 to 255"),
        ("agent-ended x", "agent-ended takes a code from 0 to 255"),
        ("agent-ended 99999999999", "agent-ended takes a code from 0 to 255"),
        ("status\r", "the request is not a line of ASCII"),
        ("status\t", "the request is not a line of ASCII"),
        ("status\0", "the request is not a line of ASCII"),
        ("status\u{7f}", "the request is not a line of ASCII"),
        ("credential gïthub.com", "the request is not a line of ASCII"),
        ("status\nstatus", "the request is not a line of ASCII"),
    ])
    func refuses(line: String, message: String) {
        #expect(throws: ControlRequest.Malformed.self) { try ControlRequest(parsing: line.utf8) }
        let error = #expect(throws: ControlRequest.Malformed.self) {
            try ControlRequest(parsing: Array(line.utf8))
        }
        #expect(error?.description == message)
    }

    /// 512 octets with the line feed, which is not part of what is parsed.
    @Test func longestLine() throws {
        let host = String(repeating: "h", count: 511 - "credential ".count)
        #expect(try ControlRequest(parsing: "credential \(host)".utf8) == .credential(host: host))
        let error = #expect(throws: ControlRequest.Malformed.self) {
            try ControlRequest(parsing: "credential \(host)h".utf8)
        }
        #expect(error?.description == "the request is longer than 512 octets: make it shorter")
    }

    @Test(arguments: [
        (ControlRequest.reload, true), (.allow(rule: "a.test", seconds: 0), true),
        (.deny(name: "a.test"), true), (.status, false), (.health, false),
        (.upgrade(path: "/x"), false), (.agentStarted, false),
    ])
    func whatWaitsForTheEndOfBoot(request: ControlRequest, waits: Bool) {
        #expect(request.changesPolicy == waits)
    }

    /// root, the agent, another uid.
    @Test(arguments: [
        (ControlRequest.status, [true, true, false]), (.fullStatus, [true, true, false]),
        (.health, [true, true, false]),
        (.decisions, [true, false, false]),
        (.upgrade(path: "/x"), [true, false, false]),
        (.credential(host: "github.com"), [false, true, false]),
        (.agentStarted, [false, true, false]),
        (.agentStarting, [false, true, false]),
        (.agentEnded(code: 0), [false, true, false]),
    ])
    func whoMayAsk(request: ControlRequest, permitted: [Bool]) {
        #expect([0, 1000, 1001].map { request.isPermitted(for: $0, agent: 1000) } == permitted)
    }
}

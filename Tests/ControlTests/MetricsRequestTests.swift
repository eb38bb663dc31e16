import Control
import Foundation
import Testing

@Suite struct MetricsRequestTests {
    private static func parsed(_ text: String) -> MetricsRequest {
        MetricsRequest(parsing: Array(text.utf8))
    }

    @Test(arguments: [
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("GET /metrics HTTP/1.0\r\n\r\n", false),
        ("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n", false),
        ("GET http://a:9464/metrics HTTP/1.1\r\nhost: a\r\n\r\n", false),
        ("HEAD /metrics HTTP/1.1\r\nHOST: a\r\n\r\n", true),
        ("\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", false),
        ("GET /metrics HTTP/1.1\nHost: a\n\n", false),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\nmore", false),
    ])
    func isAnswered(text: String, isHead: Bool) {
        #expect(Self.parsed(text) == .metrics(isHead: isHead))
    }

    @Test(arguments: [
        ("", MetricsRequest.incomplete), ("G", .incomplete), ("\r\n", .incomplete),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n", .incomplete),
        ("GET /metrics HTTP/1.1\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/1.1\r\nHost : a\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/1.1\r\nHost: a\rb\r\n\r\n", .refused(.malformed)),
        ("GET  /metrics HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.malformed)),
        ("GET /metrics\r\n\r\n", .refused(.malformed)),
        ("GET metrics HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.malformed)),
        ("G\"T /metrics HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.malformed)),
        ("GET /metrics FTP/1.1\r\nHost: a\r\n\r\n", .refused(.malformed)),
        ("\u{16}\u{3}\u{1}\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/2.0\r\nHost: a\r\n\r\n", .refused(.version)),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.notFound)),
        ("GET /metrics/ HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.notFound)),
        ("GET /metricsx HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.notFound)),
        ("GET /../metrics HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.notFound)),
        ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", .refused(.method)),
        ("get /metrics HTTP/1.1\r\nHost: a\r\n\r\n", .refused(.method)),
    ])
    func isNot(text: String, answer: MetricsRequest) { #expect(Self.parsed(text) == answer) }

    /// With a field that fills it up to the last octet, and one octet more.
    @Test func longest() {
        let start = "GET /metrics HTTP/1.1\r\nHost: a\r\nX: "
        let fill = String(
            repeating: "x", count: MetricsRequest.longest - start.utf8.count - 4)
        #expect(Self.parsed("\(start)\(fill)\r\n\r\n") == .metrics(isHead: false))
        #expect(Self.parsed("\(start)\(fill)x\r\n\r\n") == .refused(.tooLong))
        #expect(Self.parsed("\(start)\(fill)xxxx") == .refused(.tooLong))
        #expect(Self.parsed("\(start)\(fill)") == .incomplete)
    }

    /// However it comes, octet by octet as well, it is the same request, and nothing before its end.
    @Test func inPieces() {
        let octets = Array("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        for count in octets.indices {
            #expect(MetricsRequest(parsing: Array(octets[..<count])) == .incomplete)
        }
        #expect(MetricsRequest(parsing: octets) == .metrics(isHead: false))
    }

    @Test func answers() {
        let report = Array("# EOF\n".utf8)
        let answer = String(decoding: MetricsRequest.answer(report, isHead: false), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nContent-Length: 6\r\n"))
        #expect(
            answer.contains(
                "\r\nContent-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n# EOF\n"))
        let head = String(decoding: MetricsRequest.answer(report, isHead: true), as: UTF8.self)
        #expect(head + "# EOF\n" == answer)
        let refused = String(decoding: MetricsRequest.answer(.method), as: UTF8.self)
        #expect(refused.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(refused.contains("\r\nAllow: GET, HEAD\r\n"))
        #expect(refused.contains("\r\nContent-Length: 23\r\n"))
    }
}

/// What a collector asks over HTTP/1.1 (RFC 9112), reduced to what is answered. Pure.
public enum MetricsRequest: Equatable, Sendable {
    /// There is more to come.
    case incomplete
    /// The metrics, or with HEAD what is said before them.
    case metrics(isHead: Bool)
    /// Anything else, with the code that says so.
    case refused(Refusal)

    public enum Refusal: String, Sendable {
        case malformed = "400 Bad Request"
        case notFound = "404 Not Found"
        case method = "405 Method Not Allowed"
        case tooLong = "431 Request Header Fields Too Large"
        case unavailable = "503 Service Unavailable"
        case version = "505 HTTP Version Not Supported"
    }

    /// Longest request up to its empty line, in octets.
    public static let longest = 4096
    public static let path = "/metrics"

    /// - Parameter octets: all that has come.
    public init(parsing octets: [UInt8]) {
        var line = 0
        var start: Range<Int>?
        var hosts = 0
        var isSound = true
        for (index, octet) in octets.prefix(Self.longest).enumerated() {
            // A control character is nothing that a collector sends.
            switch octet {
            case 0x09, 0x0a, 0x0d: break
            case 0..<0x20, 0x7f: isSound = false
            default: break
            }
            guard octet == 0x0a else {
                if index > line, octets[index - 1] == 0x0d { isSound = false }
                continue
            }
            let end = index > line && octets[index - 1] == 0x0d ? index - 1 : index
            let text = line..<end
            line = index + 1
            guard let first = start else {
                // An empty line before the request is no request (RFC 9112 §2.2).
                if !text.isEmpty { start = text }
                continue
            }
            if text.isEmpty {
                self = isSound ? Self.request(octets, first, hosts) : .refused(.malformed)
                return
            }
            switch Self.isHost(octets, text) {
            case true?: hosts += 1
            case false?: break
            case nil: isSound = false
            }
        }
        self = octets.count >= Self.longest ? .refused(.tooLong) : .incomplete
    }

    private static func request(_ octets: [UInt8], _ line: Range<Int>, _ hosts: Int)
        -> MetricsRequest
    {
        var spaces: [Int] = []
        for index in line where octets[index] == 0x20 { spaces.append(index) }
        guard spaces.count == 2, isToken(octets, line.lowerBound..<spaces[0]) else {
            return .refused(.malformed)
        }
        let version = spaces[1] + 1..<line.upperBound
        guard version.count == 8, starts(octets, version, with: "HTTP/") else {
            return .refused(.malformed)
        }
        let isFirst = starts(octets, version, with: "HTTP/1.0")
        guard isFirst || starts(octets, version, with: "HTTP/1.1") else {
            return .refused(.version)
        }
        // RFC 9112 §3.2
        guard hosts == 1 || isFirst && hosts == 0 else { return .refused(.malformed) }
        var target = spaces[0] + 1..<spaces[1]
        // The absolute form, as it is sent to a proxy, is to be understood as well (RFC 9112 §3.2.2).
        if starts(octets, target, with: "http://") {
            var slash = target.lowerBound + 7
            while slash < target.upperBound, octets[slash] != 0x2f { slash += 1 }
            target = slash..<target.upperBound
        }
        guard starts(octets, target, with: "/") else { return .refused(.malformed) }
        let rest = target.lowerBound + path.utf8.count
        guard starts(octets, target, with: path),
            rest == target.upperBound || octets[rest] == 0x3f
        else { return .refused(.notFound) }
        let method = line.lowerBound..<spaces[0] + 1
        if starts(octets, method, with: "GET ") { return .metrics(isHead: false) }
        return starts(octets, method, with: "HEAD ")
            ? .metrics(isHead: true) : .refused(.method)
    }

    /// Whether a field is `Host`; nil when it is no field: nor is a line that was folded (RFC 9112
    /// §5.2).
    private static func isHost(_ octets: [UInt8], _ line: Range<Int>) -> Bool? {
        var colon = line.lowerBound
        while colon < line.upperBound, octets[colon] != 0x3a { colon += 1 }
        let name = line.lowerBound..<colon
        guard colon < line.upperBound, isToken(octets, name) else { return nil }
        return name.count == 4 && starts(octets, name, with: "host", orInCapitals: true)
    }

    private static func starts(
        _ octets: [UInt8], _ range: Range<Int>, with text: String, orInCapitals: Bool = false
    ) -> Bool {
        var index = range.lowerBound
        for octet in text.utf8 {
            guard index < range.upperBound,
                octets[index] == octet || orInCapitals && octets[index] | 0x20 == octet
            else { return false }
            index += 1
        }
        return true
    }

    /// RFC 9110 §5.6.2
    private static func isToken(_ octets: [UInt8], _ range: Range<Int>) -> Bool {
        for index in range {
            switch octets[index] {
            case 0x30...0x39, 0x41...0x5a, 0x5e...0x7a, 0x7c, 0x7e, 0x21, 0x23...0x27, 0x2a, 0x2b,
                0x2d, 0x2e:
                continue
            default: return false
            }
        }
        return !range.isEmpty
    }

    // MARK: Answers

    /// An answer with the metrics.
    public static func answer(_ metrics: [UInt8], isHead: Bool) -> [UInt8] {
        head("200 OK", type: StatusReport.metricsType, length: metrics.count, more: "")
            + (isHead ? [] : metrics)
    }

    public static func answer(_ refusal: Refusal) -> [UInt8] {
        let text = Array("\(refusal.rawValue)\n".utf8)
        // RFC 9110 §15.5.6 and §10.2.3
        let more =
            switch refusal {
            case .method: "Allow: GET, HEAD\r\n"
            case .unavailable: "Retry-After: 1\r\n"
            default: ""
            }
        return head(
            refusal.rawValue, type: "text/plain; charset=utf-8", length: text.count, more: more)
            + text
    }

    private static func head(_ status: String, type: String, length: Int, more: String) -> [UInt8] {
        Array(
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\n\(more)Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
                .utf8)
    }
}

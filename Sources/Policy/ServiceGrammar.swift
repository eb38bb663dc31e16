/// What follows the colon of a rule: a list of ports, and a transport if it is not TCP.
///
///     80,8000-8100/udp
enum ServiceGrammar {
    static func service(in text: Span<UInt8>, _ range: Range<Int>) throws(Fault) -> Service {
        let slash = text.firstPosition(of: ASCII.slash, in: range)
        let list = range.lowerBound..<(slash ?? range.upperBound)
        let ports = try portList(in: text, list)
        guard let slash else { return Service(transport: .tcp, ports: ports) }
        let transport = try transport(in: text, slash + 1..<range.upperBound)
        return Service(transport: transport, ports: ports)
    }

    private static func portList(
        in text: Span<UInt8>, _ range: Range<Int>
    ) throws(Fault) -> [PortRange] {
        guard !range.isEmpty else {
            throw Fault(.portList, quoting: range, "a port is missing after the colon")
        }
        var ports: [PortRange] = []
        var start = range.lowerBound
        // Each turn goes past one comma, or the end.
        while start <= range.upperBound {
            let rest = start..<range.upperBound
            let end = text.firstPosition(of: ASCII.comma, in: rest) ?? range.upperBound
            guard start < end else {
                throw Fault(
                    .portList, quoting: range, at: min(start, range.upperBound - 1),
                    "a port is missing beside a comma")
            }
            ports.append(try portRange(in: text, start..<end))
            start = end + 1
        }
        return ports
    }

    private static func portRange(
        in text: Span<UInt8>, _ range: Range<Int>
    ) throws(Fault) -> PortRange {
        let hyphen = text.firstPosition(of: ASCII.hyphen, in: range) ?? range.upperBound
        let first = try port(in: text, range.lowerBound..<hyphen, of: range)
        let last =
            hyphen == range.upperBound
            ? first : try port(in: text, hyphen + 1..<range.upperBound, of: range)
        guard let ports = PortRange(first: first, last: last) else {
            throw Fault(
                .portList, quoting: range,
                "the range is reversed: write \"\(last)-\(first)\"")
        }
        // A wider range with 53 in it still opens the others; alone it would be a rule in vain.
        guard ports != PortRange(53) else {
            throw Fault(
                .rule, quoting: range,
                "port 53 is always redirected to Codetainer's own resolver")
        }
        return ports
    }

    private static func port(
        in text: Span<UInt8>, _ range: Range<Int>, of whole: Range<Int>
    ) throws(Fault) -> UInt16 {
        guard let number = AddressGrammar.number(in: text, range), 1...65535 ~= number else {
            throw Fault(.port, quoting: whole, at: range.lowerBound, refusal(in: text, range))
        }
        return UInt16(number)
    }

    private static func refusal(in text: Span<UInt8>, _ range: Range<Int>) -> String {
        for position in range {
            switch text[position] {
            case ASCII.space, ASCII.tab: return "a space is not allowed"
            case ASCII.colon: return "only one colon separates a name from its ports"
            case UInt8(ascii: "@"): return "a user is not allowed: write only the host name"
            case ASCII.star: return "write the ports, as in \"80,8000-8100\""
            default: continue
            }
        }
        return "ports are numbers from 1 to 65535, without leading zeros"
    }

    private static func transport(
        in text: Span<UInt8>, _ range: Range<Int>
    ) throws(Fault) -> Transport {
        if text.holds("tcp", in: range) { return .tcp }
        if text.holds("udp", in: range) { return .udp }
        throw Fault(
            .transport, quoting: range,
            "it is \"tcp\" or \"udp\", once, after the last port; a path is not allowed")
    }
}

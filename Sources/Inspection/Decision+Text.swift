import Control
public import Linux
import Policy
public import Resolver

/// Decisions as `codetainer logs` prints them. Names come from the agent and the network: what is not
/// printable is escaped by the time a `Decision` is made, and once more by what writes JSON.
extension Decision {
    /// One line for a person.
    ///
    /// - Parameters:
    ///   - origin: the name that gave the address, where it is known.
    ///   - time: of the last of them.
    public func text(origin: String?, time: WallTime, colour: Bool) -> String {
        let paint = verdict == .allowed ? "32" : isAudit ? "33" : "31"
        let word = verdict.word + String(repeating: " ", count: 7 - verdict.word.utf8.count)
        var line = "\(time.timestamp) " + (colour ? "\u{1b}[\(paint)m\(word)\u{1b}[0m" : word) + " "
        line += name ?? address.map { "\($0)" } ?? "-"
        if isPacket { line += " \(service)" }
        if name != nil, let address { line += " \(address)" }
        if others > 0 { line += " +\(others)" }
        var notes: [String] = []
        if let reason = reason.sentence { notes.append(reason) }
        if verdict == .allowed, address == nil { notes.append("it has no address of that kind") }
        if let rule { notes.append("rule \(rule)") }
        if let origin { notes.append("an address of \(origin)") }
        if let user { notes.append("uid \(user)") }
        if isAudit { notes.append("audit: it passed") }
        if count > 1 { notes.append("\(count) times") }
        return Self.printable(line + notes.map { ", \($0)" }.joined()) + "\n"
    }

    /// One JSON object on a line of its own; what is not known is left out.
    public func json(origin: String?, time: WallTime) -> String {
        var fields = ["\"time\":\"\(time.timestamp)\"", "\"verdict\":\"\(verdict.word)\""]
        func add(_ key: String, _ text: String?) {
            if let text { fields.append("\"\(key)\":\(ControlReply.quoted(text))") }
        }
        func add(_ key: String, number: UInt64?) {
            if let number { fields.append("\"\(key)\":\(number)") }
        }
        add("name", name ?? origin)
        add("address", address.map { "\($0)" })
        if verdict == .allowed, !isPacket {
            add("addresses", number: UInt64(others + (address == nil ? 0 : 1)))
        }
        if isPacket {
            add("protocol", protocolName)
            if port > 0 { add("port", number: UInt64(port)) }
        }
        add("user", number: user.map { UInt64($0) })
        add("count", number: count)
        add("rule", rule)
        add("reason", reason.code)
        if isAudit { fields.append("\"audit\":true") }
        return "{\(fields.joined(separator: ","))}\n"
    }

    /// What is said where decisions were overwritten before they were read.
    ///
    /// - Parameter wereEarlier: whether that was before anybody read.
    public static func text(
        lost: UInt64, time: WallTime, json: Bool, wereEarlier: Bool = false
    ) -> String {
        if json { return "{\"time\":\"\(time.timestamp)\",\"lost\":\(lost)}\n" }
        let why =
            wereEarlier
            ? "earlier decisions: newer ones took their place"
            : "decisions: they came faster than they were read"
        return "\(time.timestamp) lost    \(lost) \(why)\n"
    }

    /// Whether boot and `codetainer verify` made it themselves, as far as that can be seen. Where all
    /// passes nothing is left out: it may be the agent's.
    public var isProbe: Bool {
        guard !isAudit else { return false }
        if let name { return ProbeTarget.covers(name: name) }
        return address == .v4(ProbeTarget.address) || port == ProbeTarget.port
            || address == .v6(ProbeTarget.address6.0, ProbeTarget.address6.1)
    }

    private var protocolName: String {
        Transport(rawValue: protocolNumber)?.description ?? "protocol-\(protocolNumber)"
    }

    private var service: String { port > 0 ? "\(protocolName)/\(port)" : protocolName }

    /// A rule came from a file; what it says of a terminal is not obeyed either.
    private static func printable(_ line: String) -> String {
        var text = ""
        for scalar in line.unicodeScalars {
            if scalar.isInvisible, scalar != "\u{1b}" {
                text += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Decision.Verdict {
    fileprivate var word: String {
        switch self {
        case .allowed: "allowed"
        case .denied: "denied"
        case .refused: "refused"
        }
    }
}

extension Decision.Reason {
    fileprivate var code: String? {
        switch self {
        case .none: nil
        case .noRule: "no-rule"
        case .budget: "budget"
        case .notPublic: "not-public"
        case .notOpened: "not-opened"
        }
    }

    fileprivate var sentence: String? {
        switch self {
        case .none: nil
        case .noRule: "no rule allows it"
        case .budget: "too many new names under its wildcard"
        case .notPublic: "the address is not public"
        case .notOpened: "PID 1 did not open its addresses"
        }
    }
}

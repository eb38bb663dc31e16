package import Policy

extension AgentProfile.Setting {
    /// A value that is none of its setting's: what it is, and what it must be.
    package struct Invalid: Error {
        package let sentence: String

        init(_ sentence: String) { self.sentence = sentence }
    }

    /// A value as the agent gets it.
    package func value(_ text: String) throws(Invalid) -> String {
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw Invalid("\(name) contains a control character: give it as one line of text")
        }
        switch kind {
        case .text:
            guard !choices.isEmpty, !choices.contains(text) else { return text }
            guard let choice = choices.first(where: { $0.lowercased() == text.lowercased() }) else {
                throw Invalid(
                    "\(name) \"\(text)\" must be one of \(choices.joined(separator: ", "))")
            }
            return choice
        case .number:
            guard let number = Self.number(text), number >= least ?? 0, number <= most ?? .max
            else {
                throw Invalid(
                    "\(name) \"\(text)\" must be a whole number from \(least ?? 0) to \(most ?? .max)"
                )
            }
            return "\(number)"
        case .switch:
            let answer = text.lowercased()
            guard ["true", "false"].contains(answer) else {
                throw Invalid("\(name) \"\(text)\" must be true or false")
            }
            return answer
        case .port:
            guard let port = Self.number(text), (1...65_535).contains(port) else {
                throw Invalid("\(name) \"\(text)\" must be a TCP port: 1 to 65535")
            }
            return "\(port)"
        case .address:
            guard (try? Address(parsing: text)) != nil else {
                throw Invalid("\(name) \"\(text)\" must be an IP address")
            }
            return text
        case .target:
            guard let target = SettingTarget(parsing: text) else {
                throw Invalid("\(name) \"\(text)\" must be host:port: app.example.com:50051")
            }
            return target.description
        case .file:
            guard text.hasPrefix("/"), !text.hasSuffix("/") else {
                throw Invalid("\(name) \"\(text)\" must be the absolute path of a file")
            }
            return text
        }
    }

    /// ASCII digits alone: no sign, no blank, no other script's.
    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}

/// A host and a TCP port.
package struct SettingTarget: Equatable, CustomStringConvertible {
    package enum Host: Equatable {
        case name(String)
        case address(Address)
    }

    package let host: Host
    package let port: UInt16

    /// `name:port`, `192.0.2.1:port`, `[2001:db8::1]:port`; nil for anything else.
    package init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits), port > 0
        else { return nil }
        self.port = port
        var subject = String(text[..<colon])
        if subject.hasPrefix("["), subject.hasSuffix("]") {
            subject = String(subject.dropFirst().dropLast())
            guard let address = try? Address(parsing: subject), !address.isIPv4 else { return nil }
            host = .address(address)
        } else if let address = try? Address(parsing: subject) {
            guard address.isIPv4 else { return nil }
            host = .address(address)
        } else if let name = try? DomainName(parsing: subject) {
            host = .name(name.description)
        } else {
            return nil
        }
    }

    package var description: String {
        switch host {
        case .name(let name): "\(name):\(port)"
        case .address(let address): address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
        }
    }
}

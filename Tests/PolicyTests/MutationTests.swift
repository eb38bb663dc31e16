import Policy
import Testing

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Valid lists with a few bytes changed: nothing traps, and what is accepted means the same when
/// its normalised listing is read again.
@Suite struct MutationTests {
    private static let lines = everyForm.split(separator: "\n").map { Array($0.utf8) }
    /// What the grammar is made of, and what it is not.
    private static let interesting =
        Array("az09AZ.-_*:/,[]#@%!\\\" \t\r\n".utf8) + [
            0, 0x7F, 0x80, 0xC3, 0xBC, 0xE2, 0xF0, 0xFF,
        ]

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        var accepted = 0
        for _ in 0..<25_000 {
            let text = Self.mutated(using: &generator)
            let list: Allowlist
            do throws(AllowlistErrors) {
                list = try Allowlist(parsing: [.init(name: "x", utf8: text)])
            } catch {
                let description = error.description
                guard !description.isEmpty,
                    description.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x0A })
                else {
                    Issue.record("unprintable message about \(text)")
                    return
                }
                continue
            }
            accepted += 1
            let again = try allowlist(list.canonicalText)
            guard again.rules.map(\.description) == list.rules.map(\.description) else {
                Issue.record("\(list.canonicalText) is read as \(again.canonicalText)")
                return
            }
        }
        // Otherwise the round trip above is hardly tested.
        #expect(accepted > 5_000)
    }

    @Test(arguments: [5] as [UInt64])
    func wireNames(seed: UInt64) throws {
        var generator = SeededGenerator(state: seed)
        let list = try allowlist(everyForm)
        let valid = try ["a.b.githubusercontent.com", "x.example.net", "git.example.com"].map {
            try DomainName(parsing: $0).wireBytes
        }
        for round in 0..<50_000 {
            var name = valid[round % valid.count]
            Self.mutate(&name, using: &generator)
            let matches = list.matches(wireName: name.span)
            // Both readings of a wire name agree on what is well-formed.
            let expected = DomainName(wireName: name.span).map { Array(list.matches($0)) } ?? []
            guard Array(matches) == expected else {
                Issue.record("\(name) matches \(Array(matches)), not \(expected)")
                return
            }
        }
    }

    private static func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            text += lines.randomElement(using: &generator) ?? []
            text.append(0x0A)
        }
        mutate(&text, using: &generator)
        return text
    }

    private static func mutate(_ bytes: inout [UInt8], using generator: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &generator)
            let byte = interesting.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[position] = byte
            case 1: bytes.insert(byte, at: position)
            case 2: bytes.remove(at: position)
            case 3: bytes[position] = UInt8.random(in: 0...255, using: &generator)
            default:
                let end = min(bytes.count, position + 12)
                bytes.insert(contentsOf: bytes[position..<end], at: position)
            }
        }
    }
}

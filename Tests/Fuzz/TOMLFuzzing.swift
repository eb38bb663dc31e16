import TOML

/// What is read means the same when it is written and read again, and what is not has its lines.
enum TOMLFuzzing {
    static func run(_ octets: Span<UInt8>) {
        let text = octets.indices.map { octets[$0] }
        let lines = 1 + text.count { $0 == 0x0a }
        let table: Table
        do throws(Mistakes) {
            table = try Document.parse(text, file: "f")
        } catch {
            precondition(1...Document.mostMistakes ~= error.mistakes.count)
            var last = 1
            for mistake in error.mistakes {
                precondition(last...lines ~= mistake.line, "\(mistake)")
                last = mistake.line
            }
            return
        }
        let written = Document.text(of: table)
        precondition(written.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0a })
        guard let again = try? Document.parse(Array(written.utf8), file: "f") else {
            fatalError("cannot be read: \(written)")
        }
        precondition(Document.text(of: again) == written, "read as another: \(written)")
    }
}

import CStartUp
import Linux

/// `codetainer-lease SERVER PRODUCT AUTHORITIES HEARTBEAT SESSION`: asks a licence server, as PID 1
/// starts it in its cage. Descriptor 3 is the channel to PID 1, 4 a memory file with the key.
///
/// A program of its own, because TLS takes a library that PID 1 is not to hold. It is told nothing but
/// the key, and says nothing but records of fixed size.
@main
struct Main {
    static func main() {
        let words = unsafe Self.arguments
        guard words.count == 6, let heartbeat = UInt32(words[4]), heartbeat > 0 else {
            fail("codetainer-lease is what PID 1 starts, not a command to run", code: 64)
        }
        do {
            var client = try LeaseClient(
                exchange: Exchange(url: words[1], authorities: words[3]), product: words[2],
                session: words[5], heartbeat: heartbeat)
            try client.run()
            System.exit(0)
        } catch {
            fail("\(error)", code: 70)
        }
    }

    /// As the kernel gave them: the runtime would read /proc, which the cage keeps away.
    @unsafe private static var arguments: [String] {
        guard let vector = unsafe codetainer_arguments() else { return [] }
        var arguments: [String] = []
        while let argument = unsafe vector[arguments.count] {
            arguments.append(unsafe String(cString: argument))
        }
        return arguments
    }

    private static func fail(_ reason: String, code: CInt) -> Never {
        Output.write(Array("codetainer: \(reason)\n".utf8), to: 2)
        System.exit(code)
    }
}

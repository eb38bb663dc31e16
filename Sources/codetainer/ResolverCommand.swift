import Boot
import Linux
import Resolver

/// `codetainer resolver`: the DNS service, as PID 1 starts it in its cage.
enum ResolverCommand {
    static func run(_ words: [String]) -> Never {
        do {
            try Resolver.run(try ResolverConfiguration(arguments: words))
            System.exit(0)
        } catch let error as ResolverConfiguration.ArgumentError {
            Terminal.fail("\(error)", code: ExitCode.usage.rawValue)
        } catch {
            Terminal.fail("resolver: \(error)", code: ExitCode.software.rawValue)
        }
    }
}

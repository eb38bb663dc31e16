import Boot
import Confinement
import Linux
import Resolver

/// `codetainer resolver`: the DNS service, as PID 1 starts it in its cage.
enum ResolverCommand {
    static func run(_ words: [String]) -> Never {
        do {
            let configuration = try ResolverConfiguration(arguments: words)
            // PID 1 may close the channel for grants at any moment; its other end says so.
            ignore(.pipe)
            try Resolver.run(configuration) {
                let ports = Set(configuration.upstreams.map(\.port)).sorted()
                try ServiceCage.enterResolver(upstreamPorts: ports)
            }
            System.exit(0)
        } catch let error as ResolverConfiguration.ArgumentError {
            Terminal.fail("\(error)", code: ExitCode.usage.rawValue)
        } catch {
            Terminal.fail("resolver: \(error)", code: ExitCode.software.rawValue)
        }
    }
}

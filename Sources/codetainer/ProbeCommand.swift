import Boot
import Linux

/// `codetainer probe`: tries from inside the cage what must fail there.
enum ProbeCommand {
    static func run(_ words: [String]) -> Never {
        var isBroken = false
        let probes = Probe.fast(
            inAudit: words.contains("--audit"),
            allowingNamespaces: words.contains("--user-namespaces"))
        for probe in probes {
            switch probe.run() {
            case .held: continue
            case .broken(let how), .unproven(let how):
                isBroken = true
                Output.write(Array("codetainer: probe \"\(probe.name)\": \(how)\n".utf8), to: 2)
            }
        }
        System.exit(isBroken ? ExitCode.software.rawValue : 0)
    }
}

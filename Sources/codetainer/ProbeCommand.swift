import Boot
import Linux

/// `codetainer probe`: tries from inside the cage what must fail there.
enum ProbeCommand {
    static func run(_ words: [String]) -> Never {
        var isBroken = false
        for probe in words == ["--audit"] ? Probe.fastInAudit : Probe.fast {
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

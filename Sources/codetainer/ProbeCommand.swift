import Boot
import Linux

/// `codetainer probe`: tries from inside the cage what must fail there.
enum ProbeCommand {
    static func run() -> Never {
        var isBroken = false
        for probe in Probe.fast {
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

public import Confinement
import Control
import Linux
import SystemPackage

/// `codetainer probe`: a process that puts the agent's cage on itself and attacks it.
///
/// It never runs another program: a process that was root is out of its new uid's reach
/// (PR_SET_DUMPABLE in prctl(2)) until it does, so that the live agent, which has that uid, can
/// neither trace it nor answer in its place. It can end it, which is no pass.
public struct Prober: Sendable {
    public struct UsageError: Error, CustomStringConvertible {
        public let description: String
    }

    /// Instead of names: shares of what boot tries, one for each of two processes.
    public static let fast = ["fast/1", "fast/2"]

    /// Nil for none: the tests see each attack succeed.
    public var cage: Cage?
    public var scene: Scene
    public var audits: Bool
    /// Findings are written as records to standard output; else complaints to standard error.
    public var writesRecords: Bool
    public var attacks: [String]

    public init(
        cage: Cage?, scene: Scene, audits: Bool = false, writesRecords: Bool = false,
        attacks: [String]
    ) {
        (self.cage, self.scene, self.audits) = (cage, scene, audits)
        (self.writesRecords, self.attacks) = (writesRecords, attacks)
    }

    /// The program's words after its name.
    public var arguments: [String] {
        ["probe", "--resolver", "\(scene.resolver)", "--socket", scene.controlSocket.string]
            + (audits ? ["--audit"] : []) + (writesRecords ? ["--records"] : [])
            + (cage?.options ?? ["--uncaged", "--"]) + attacks
    }

    /// Reads the words after `probe`.
    public init(parsing words: [String]) throws(UsageError) {
        self.init(cage: nil, scene: Scene(controlSocket: ControlClient.socket), attacks: [])
        var rest = words[...]
        var isCaged = true
        options: while let word = rest.first {
            switch word {
            case "--audit": audits = true
            case "--records": writesRecords = true
            case "--uncaged": isCaged = false
            case "--resolver":
                rest = rest.dropFirst()
                guard let number = rest.first.flatMap({ CInt($0) }) else {
                    throw UsageError(description: "--resolver takes a process's number")
                }
                scene.resolver = number
            case "--socket":
                rest = rest.dropFirst()
                guard let path = rest.first else {
                    throw UsageError(description: "--socket takes a path")
                }
                scene.controlSocket = FilePath(path)
            default: break options
            }
            rest = rest.dropFirst()
        }
        do throws(Cage.UsageError) {
            let (cage, names) = try Cage.parse(Array(rest))
            self.cage = isCaged ? cage : nil
            attacks = names
        } catch {
            throw UsageError(description: "\(error)")
        }
    }

    /// The attacks that were named, in the catalogue's order.
    public var chosen: [Attack] {
        let everything = Catalogue.attacks(
            fastOnly: false, audits: audits,
            allowsNamespaces: cage?.filter == .agentWithUserNamespaces)
        let shares = Self.fast.indices.filter { attacks.contains(Self.fast[$0]) }
        let fast = everything.filter { $0.pace == .fast }.enumerated()
            .filter { shares.contains($0.offset % Self.fast.count) }.map(\.element.name)
        return everything.filter { attacks.contains($0.name) || fast.contains($0.name) }
    }

    /// Confines the calling process and tries everything.
    ///
    /// - Returns: whether every attack was stopped, and there was one.
    public func run() throws(ConfinementError) -> Bool {
        // It runs nothing that an environment could be for; what is missing boot has reported.
        var environment: [String] = []
        _ = try cage?.confine(&environment)
        try? Privileges.forbidDumping()
        let chosen = chosen
        var held = !chosen.isEmpty
        var controls: [String: String?] = [:]
        for attack in chosen {
            let finding = attack.tried(in: scene, controls: &controls)
            if !finding.isHeld { held = false }
            if writesRecords {
                Output.write(Array(finding.record.utf8), to: 1)
            } else if let complaint = finding.complaint {
                Output.write(
                    Array("codetainer: verify: \(finding.attack): \(complaint)\n".utf8), to: 2)
            }
        }
        return held
    }
}

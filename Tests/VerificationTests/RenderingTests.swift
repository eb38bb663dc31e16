import Foundation
import Linux
import SystemPackage
import Testing

@testable import Verification

@Suite struct RenderingTests {
    private static let attacks = ["one", "another"].map { name in
        Attack(
            name, rows: name == "one" ? [1] : [2, 33], stops: [:],
            control: Trial("its \"like\"") { _ in [] }, attempts: Trial("") { _ in [] })
    }
    private static let held = Finding(
        attack: "one", verdict: .held(layer: "seccomp", answers: "EPERM"), time: 2)
    private static let broken = Finding(attack: "another", verdict: .broken("it worked"), time: 3)

    private func verification(_ findings: [Finding], audits: Bool = false) -> Verification {
        Verification(
            attacks: Self.attacks, findings: findings, audits: audits, isWhole: false, time: 5)
    }

    @Test func aTableForAPerson() {
        #expect(
            verification([Self.held, Self.broken]).text(colour: false) == """
                  attack   rows  layer    errno  control
                ✓ one      1     seccomp  EPERM  its "like"
                ✗ another  2 33  it worked

                DOES NOT HOLD: 1 of 2 attacks were stopped, in 5.000 ms

                """)
    }

    @Test func colourIsForTerminals() {
        let plain = verification([Self.held]).text(colour: false)
        #expect(!plain.contains("\u{1b}"))
        let coloured = verification([Self.held]).text(colour: true)
        #expect(coloured.contains("\u{1b}[32m✓\u{1b}[0m one"))
        #expect(coloured.contains("\u{1b}[31m✗\u{1b}[0m another"))
    }

    @Test func jsonForAProgram() {
        let json = verification([Self.held, Self.broken]).json
        #expect(
            json.hasPrefix(
                #"{"attacks":[{"control":"its \"like\"","errno":"EPERM","held":true,"layer":"seccomp","milliseconds":2.000,"name":"one","reason":null,"rows":[1]},{"control":"its \"like\"","errno":null,"held":false,"layer":null,"milliseconds":3.000,"name":"another","reason":"it worked","rows":[2,33]}],"audit":false,"held":1,"holds":false,"milliseconds":5.000,"total":2,"untried":["#
            ))
    }

    @Test func allMustHold() {
        let other = Finding(
            attack: "another", verdict: .held(layer: "nftables", answers: "EPERM"), time: 1)
        #expect(verification([Self.held, other]).holds)
        #expect(!verification([Self.held, Self.broken]).holds)
        // What no process reported is not a pass, and an audit is none at all.
        #expect(!verification([Self.held]).holds)
        #expect(!verification([Self.held, other], audits: true).holds)
    }
}

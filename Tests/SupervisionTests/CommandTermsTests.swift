import Linux
import Testing

@testable import Supervision

@Suite struct CommandTermsTests {
    @Test func signals() {
        var terms = CommandTerms()
        #expect(terms.replacement(for: .terminate) == .terminate)
        terms.rewrites = [Signal.terminate.number: Signal.quit.number, Signal.hangUp.number: 0]
        #expect(terms.replacement(for: .terminate) == .quit)
        #expect(terms.replacement(for: .hangUp) == nil)
        #expect(terms.replacement(for: .quit) == .quit)
    }

    @Test func recipients() {
        var terms = CommandTerms()
        for signal: Signal in [.terminate, .interrupt, .quit, .hangUp, .user1] {
            #expect(terms.recipient(of: signal, agent: 7) == 7)
        }
        #expect(terms.recipient(of: .kill, agent: 7) == -7)
        terms.signalsGroup = true
        #expect(terms.recipient(of: .terminate, agent: 7) == -7)
    }

    @Test func codes() {
        var terms = CommandTerms()
        #expect(terms.exitCode(for: 143) == 143)
        terms.expectedCodes = [143]
        #expect(terms.exitCode(for: 143) == 0 && terms.exitCode(for: 1) == 1)
    }
}

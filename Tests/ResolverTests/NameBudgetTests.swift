import Linux
import Testing

@testable import Resolver

@Suite struct NameBudgetTests {
    @Test func countsNewNamesInEveryMinute() {
        var budget = NameBudget(limit: 3)
        for name in 0..<3 as Range<UInt64> {
            #expect(budget.admit(name, under: 1, at: at(Int(name) * 10_000)) == true)
        }
        #expect(budget.admit(3, under: 1, at: at(59_999)) == false)
        #expect(budget.admit(0, under: 1, at: at(59_999)) == true, "not new")
        #expect(budget.admit(3, under: 2, at: at(59_999)) == true, "another rule")
        #expect(budget.admit(4, under: 1, at: at(60_000)) == true, "a minute after the first")
        #expect(budget.admit(5, under: 1, at: at(60_001)) == false, "the second still counts")
        #expect(budget.admit(5, under: 1, at: at(70_000)) == true)
    }

    /// Ten times as many as new names.
    @Test func countsQuestionsAboutKnownNames() {
        var budget = NameBudget(limit: 2)
        #expect(budget.admit(0, under: 1, at: at(0)) == true)
        for question in 0..<20 {
            #expect(budget.admit(0, under: 1, at: at(100 + question)) == true)
        }
        #expect(budget.admit(0, under: 1, at: at(60_099)) == false)
        #expect(budget.admit(1, under: 1, at: at(60_099)) == true, "a new one has its own")
        #expect(budget.admit(0, under: 2, at: at(60_099)) == true, "another rule")
        #expect(budget.admit(0, under: 1, at: at(60_100)) == true, "a minute after the first")
    }

    @Test func noBudgetIsNoNewNames() {
        var budget = NameBudget(limit: 0)
        #expect(budget.admit(0, under: 0, at: at(0)) == false)
    }

    @Test func manyRulesAndNamesStayBounded() {
        var budget = NameBudget(limit: 20)
        var admitted = 0
        for rule in 0..<2000 as Range<UInt32> {
            for name in 0..<10 as Range<UInt64>
            where budget.admit(UInt64(rule) << 32 | name, under: rule, at: at(0)) {
                admitted += 1
            }
        }
        #expect(admitted == 1024 * 10)
        #expect(
            budget.admit(1 << 63, under: 1999, at: at(60_000)) == true,
            "a minute later there is room")
    }
}

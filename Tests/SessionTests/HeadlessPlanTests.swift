import Control
import Session
import Testing

@Suite struct HeadlessPlanTests {
    private static func plan(_ onExit: RunnerPlan.ExitPolicy, prompt: String? = nil) -> HeadlessPlan
    {
        HeadlessPlan(
            command: ["serve", "--port", "1"], onExit: onExit, prompt: prompt,
            promptFile: prompt.map { _ in "/run/user/1/prompt" }, executable: "/c")
    }

    /// Who is not started again needs nobody between itself and PID 1.
    @Test(arguments: [RunnerPlan.ExitPolicy.end, .keep])
    func once(onExit: RunnerPlan.ExitPolicy) {
        #expect(Self.plan(onExit).kind == .agent)
        #expect(Self.plan(onExit).words == ["serve", "--port", "1"])
        #expect(Self.plan(onExit, prompt: "do it").words == ["serve", "--port", "1", "do it"])
    }

    @Test func again() {
        #expect(Self.plan(.restart).kind == .runner)
        #expect(
            Self.plan(.restart).words
                == ["/c", "run-agent", "--on-exit", "restart", "--", "serve", "--port", "1"])
        #expect(
            Self.plan(.restart, prompt: "do it").words
                == [
                    "/c", "run-agent", "--on-exit", "restart", "--prompt", "/run/user/1/prompt",
                    "--", "serve", "--port", "1",
                ])
    }

    @Test func signalsOfAGroupAreTheRunners() throws {
        var plan = Self.plan(.restart)
        plan.signalsGroup = true
        #expect(
            plan.words == [
                "/c", "run-agent", "--on-exit", "restart", "--signals", "group", "--", "serve",
                "--port", "1",
            ])
        #expect(try RunnerPlan(parsing: Array(plan.words.dropFirst(2))).signalsGroup)
        plan.onExit = .end
        #expect(plan.words == ["serve", "--port", "1"])
    }
}

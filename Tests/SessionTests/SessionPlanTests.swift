import Testing

@testable import Session

@Suite struct SessionPlanTests {
    @Test func theCommandLineOfTmux() {
        let plan = SessionPlan(
            name: "claude", command: ["claude", "--say", "a b;"], directory: "/workspace/repo",
            shell: "/bin/bash", onExit: .keep, prompt: "/run/user/1000/prompt",
            executable: "/usr/local/bin/codetainer", configuration: "/etc/codetainer/tmux.conf")
        #expect(
            plan.tmuxCommand == [
                "tmux", "-f", "/etc/codetainer/tmux.conf", "new-session", "-d", "-s", "claude",
                "-n", "agent", "-c", "/workspace/repo", "-x", "220", "-y", "50", "-P", "-F",
                "#{pid}", "/usr/local/bin/codetainer", "run-agent", "--on-exit", "keep",
                "--prompt", "/run/user/1000/prompt", "--", "claude", "--say", "a b;", ";",
                "split-window", "-d", "-v", "-l", "20%", "-c", "/workspace/repo", "/bin/bash",
                "-l",
            ])
        #expect(SessionPlan.socketDirectory(user: 1000) == "/run/user/1000")
    }

    @Test(arguments: [
        ("17\n", 17), ("2\nmore", 2), ("17", 17), ("1\n", nil), ("0\n", nil), ("-5\n", nil),
        ("", nil), ("\n17\n", nil), ("17 \n", nil), ("pid\n", nil), ("99999999999\n", nil),
    ])
    func readsTheServersNumber(output: String, number: Int32?) {
        #expect(SessionPlan.server(fromOutput: Array(output.utf8)) == number)
    }
}

@Suite struct RunnerPlanTests {
    @Test(arguments: [
        (
            RunnerPlan(command: ["bash", "-l"], prompt: nil, onExit: .end),
            "x run-agent --on-exit end -- bash -l"
        ),
        (
            RunnerPlan(command: ["claude", "--", "--prompt"], prompt: "/p", onExit: .restart),
            "x run-agent --on-exit restart --prompt /p -- claude -- --prompt"
        ),
    ])
    func isWrittenAndReadBack(plan: RunnerPlan, line: String) throws {
        let words = plan.commandLine(executable: "x")
        #expect(words.joined(separator: " ") == line)
        #expect(try RunnerPlan(parsing: Array(words.dropFirst(2))) == plan)
    }

    @Test(arguments: [
        ("", "no command after --"), ("--", "no command after --"),
        ("--on-exit keep", "no command after --"), ("--on-exit keep --", "no command after --"),
        ("--on-exit", "--on-exit needs a value"),
        ("--on-exit later -- a", "--on-exit later is not understood"),
        ("--shell sh -- a", "--shell sh is not understood"),
        ("claude --verbose", "claude --verbose is not understood"),
    ])
    func refuses(line: String, message: String) {
        let error = #expect(throws: RunnerPlan.UsageError.self) {
            try RunnerPlan(parsing: line.split(separator: " ").map(String.init))
        }
        #expect(error?.description == message)
    }
}

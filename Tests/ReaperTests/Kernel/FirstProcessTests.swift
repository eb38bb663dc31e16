import Linux
import SystemPackage
import TestSupport
import Testing

/// Init as PID 1 of a process namespace, where it is what orphans come to and nothing may be missing.
@Suite struct FirstProcessTests {
    private static let namespace = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]

    private static let zombies = "grep -l '^State:.Z' /proc/[0-9]*/status | wc -l"
    private static let orphans =
        "for i in 1 2 3 4 5 6 7 8; do (true &); done; sleep 0.3; \(zombies)"

    @Test func orphansAreReaped() throws {
        let reaped = try run(
            Self.namespace + [try codetainer(), "init", "--", "sh", "-c", Self.orphans])
        #expect(reaped.output == "0\n")
        #expect(reaped.errors.isEmpty)
        // The same under a first process that reaps nothing.
        let left = try run(Self.namespace + ["sh", "-c", "(\(Self.orphans)) & exec sleep 1"])
        #expect(left.output == "8\n")
    }

    @Test(arguments: ["init -s --", "init --"]) func aSubreaperReapsAsWell(words: String) throws {
        let ran = try run(
            Self.namespace + [
                "sh", "-c", "'\(try codetainer())' \(words) sh -c \"$1\"; true", "sh", Self.orphans,
            ])
        #expect(ran.output == "0\n")
    }

    @Test func theCodeOfTheCommandIsThatOfTheNamespace() throws {
        let first = Self.namespace + [try codetainer(), "init", "--", "sh", "-c"]
        #expect(try run(first + ["exit 7"]).code == 7)
        #expect(try run(first + ["kill -9 $$"]).code == 137)
        // Nothing keeps it from ending while others run.
        #expect(try run(first + ["sleep 30 & exit 3"]).code == 3)
    }

    /// Real-time signals are no exception, nor are the two that libc hides, 32 and 33.
    @Test(arguments: [32, 33, 34, 50, 64]) func realTimeSignalsReachTheCommand(number: CInt) throws
    {
        let script = "kill -\(number) 1; sleep 0.2; exit 1"
        let ran = try run(
            Self.namespace + [try codetainer(), "init", "-vv", "--", "bash", "-c", script])
        #expect(ran.errors.contains("signal \(number) from process 2: forwarded\n"))
        #expect(ran.code == 128 + number)
    }

    /// What was closed is closed for the command too, and no other file takes its place.
    @Test func closedDescriptorsStayClosed() throws {
        let list = "readlink /proc/$$/fd/0 /proc/$$/fd/2 >/dev/null; echo $?"
        let open = try run([try codetainer(), "init", "-s", "--", "sh", "-c", list])
        #expect(open.output == "0\n")
        let closed = try run([
            "sh", "-c", "exec '\(try codetainer())' init -s -- sh -c \"$1\" <&- 2>&-", "sh",
            list,
        ]).output
        #expect(closed == "1\n")
    }

    @Test func aScriptWithoutAFirstLineIsTheShells() throws {
        let scratch = try Scratch()
        let script = try scratch.write("echo $0 $*; exit 3\n", to: "script", mode: 0o755)
        let first = [try codetainer(), "init", "-s", "--"]
        let ran = try run(first + [script.string, "a", "b c"])
        #expect(ran.output == "\(script) a b c\n" && ran.code == 3)
        let found = try run(
            first + ["script"], environment: ["PATH=/nowhere:\(scratch.path):/bin"])
        #expect(found.code == 3)
        let interpreter = try scratch.write("#!/nowhere\n", to: "lost", mode: 0o755)
        let lost = try run(first + [interpreter.string])
        #expect(lost.code == 126 && lost.errors.contains("interpreter"))
    }

    /// One that may not be run hides no other further on.
    @Test func theSearchGoesOnAsTheShellsDoes() throws {
        let scratch = try Scratch()
        try scratch.write("", to: "echo", mode: 0o644)
        let path = "PATH=\(scratch.path):/bin"
        let first = [try codetainer(), "init", "-s", "--"]
        #expect(try run(first + ["echo", "hi"], environment: [path]).output == "hi\n")
        #expect(try run(first + ["echo"], environment: ["PATH=\(scratch.path)"]).code == 126)
        #expect(try run(first + ["echo", "hi"], environment: []).output == "hi\n")
        #expect(try run(first + ["echo"], environment: ["PATH=/nowhere"]).code == 127)
    }

    /// A part that is longer than a path, or than a name, can be is passed over: by the init that
    /// starts its command at once, and by the one that was given an option.
    @Test(arguments: [300, 4_094, 4_095, 4_096, 5_000], ["", "-c"])
    func aPartThatIsTooLongIsPassedOver(length: Int, option: String) throws {
        let long = "/" + String(repeating: "x", count: length - 1)
        func echo(_ path: String) throws -> Finished {
            let words = [try codetainer(), "init"] + (option.isEmpty ? [] : [option])
            return try run(
                Self.namespace + ["env", "PATH=\(path)"] + words + ["--", "echo", "hi"])
        }
        let found = try echo("\(long):/bin")
        #expect(found.output == "hi\n" && found.code == 0)
        let missing = try echo(long)
        #expect(missing.code == 127 && missing.errors.contains("not found in PATH"))
    }

    /// Octets that are no UTF-8 arrive as they are.
    @Test func wordsAreHandedOnAsTheyAre() throws {
        let ran = try run([
            "bash", "-c", "exec '\(try codetainer())' init -s -- printf %s $'\\xff\\xfe'",
        ])
        #expect(Array(ran.output.utf8) == Array("\u{fffd}\u{fffd}".utf8))
        let length = try run([
            "bash", "-c",
            "exec '\(try codetainer())' init -s -- bash -c 'LC_ALL=C; echo ${#1}' bash $'\\xff\\xfe'",
        ])
        #expect(length.output == "2\n")
    }
}

import Linux
import TestSupport
import Testing

/// The same from both who reap: the kernel, where it can, and init, which `-w` makes look after each.
@Suite struct KernelReapingTests {
    private static let namespace = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"]

    /// The command ends while init is still about to tell the kernel, and after that.
    @Test(arguments: ["", "-w"], ["true", "sleep 0.02"])
    func howTheCommandEndedIsKnown(option: String, before: String) throws {
        let first =
            Self.namespace + [try codetainer(), "init"] + (option.isEmpty ? [] : [option])
            + ["--", "sh", "-c"]
        for round in 0..<20 {
            #expect(try run(first + ["\(before); exit \(round)"]).code == CInt(round))
        }
        #expect(try run(first + ["\(before); kill -SEGV $$"]).code == 139)
        #expect(try run(first + ["\(before); kill -KILL $$"]).code == 137)
    }

    /// Orphans that end while somebody looks without a pause. One that ends before its parent does
    /// is that one's; and the kernel, too, makes a zombie of each before it takes it away.
    @Test(arguments: ["", "-w"]) func noneIsAZombieForLong(option: String) throws {
        let script = """
            for i in $(seq 300); do (sleep 0.$((i % 5)) &); done
            end=$((SECONDS + 2))
            zombies() { grep -lsPz '(?s)State:.Z.*PPid:.1\\n' "$@"; }
            while [ $SECONDS -lt $end ]; do
                for one in $(zombies /proc/[0-9]*/status); do sleep 0.02; zombies $one; done
            done; true
            """
        let words = Self.namespace + [try codetainer(), "init"]
        let ran = try run(
            words + (option.isEmpty ? [] : [option]) + ["--", "bash", "-c", script])
        #expect(ran.code == 0)
        // What init reaps is a zombie until init has a processor, and how long nobody knows.
        if option.isEmpty, KernelReaping.isThere { #expect(ran.output.isEmpty) }
        let told = ran.errors.split(separator: "\n").count
        // A fifth sleeps for no time.
        #expect(option.isEmpty ? told == 0 : 240...300 ~= told)
    }

    /// A parent that reaps nothing leaves all of them for who takes them over.
    @Test func whatWasAZombieBeforeIsReapedAsWell() throws {
        let script =
            "(for i in 1 2 3 4; do true & done; exec sleep 0.3) & sleep 0.6; "
            + "grep -ls '^State:.Z' /proc/[0-9]*/status | wc -l"
        let ran = try run(
            Self.namespace + [try codetainer(), "init", "--", "bash", "-c", script])
        // The one that was `sleep` is bash's own.
        #expect(ran.output == "0\n" || ran.output == "1\n")
    }

    /// Children of whoever became init, that ended before it did.
    @Test(arguments: ["", "-w"]) func whatEndedBeforeInitIsReapedAtOnce(option: String) throws {
        let words =
            Self.namespace + ["perl", "-e", "fork || exit for 1..4; sleep 1; exec @ARGV"]
            + [try codetainer(), "init"] + (option.isEmpty ? [] : [option])
        let count = "sleep 0.3; grep -ls '^State:.Z' /proc/[0-9]*/status | wc -l"
        #expect(try run(words + ["--", "sh", "-c", count]).output == "0\n")
    }
}

import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct SpawnTests {
    @Test func environmentIsExactlyWhatIsGiven() throws {
        let none = try run(["env"], environment: [])
        #expect(none.output == "" && none.code == 0)
        let some = try run(["env"], environment: ["A=1", "EMPTY=", "A=2"])
        #expect(some.output == "A=1\nEMPTY=\nA=2\n")
    }

    @Test func argumentsAreExactlyWhatIsGiven() throws {
        let words = ["", " ", "$HOME", "*", "a\nb", "é"]
        let ran = try run(["sh", "-c", "for word; do printf '<%s>' \"$word\"; done", "sh"] + words)
        #expect(ran.output == words.map { "<\($0)>" }.joined())
    }

    @Test func aDescriptorOfOursIsInheritedWhenItIsNamed() throws {
        let file = try MemoryFile.empty("mine", byteCount: 0)
        let show = "for n in /proc/$$/fd/*; do echo ${n##*/} $(readlink $n); done | grep mine"
        #expect(try run(["sh", "-c", show]).lines == [])
        let given = try run(["sh", "-c", show], descriptors: [(file.raw, 5), (file.raw, 0)])
        #expect(given.lines == ["0 /memfd:mine (deleted)", "5 /memfd:mine (deleted)"])
        #expect(try run(["readlink", "/proc/self/fd/0"]).output == "/dev/null\n")
    }

    @Test func aDescriptorThatIsNotOpenIsAnError() {
        #expect(
            throws: SystemCallError("fcntl", "descriptor -1 for /bin/true", .badFileDescriptor)
        ) {
            try Processes.spawn(SpawnRequest("/bin/true", ["true"], descriptors: [(-1, 3)]))
        }
    }

    @Test(arguments: [
        ("/nonexistent", Errno.noSuchFileOrDirectory), ("/etc/passwd", .permissionDenied),
        ("/", .permissionDenied),
    ])
    func aProgramThatCannotRunIsAnError(path: String, cause: Errno) {
        #expect(throws: SystemCallError("posix_spawn", path, cause)) {
            try Processes.spawn(SpawnRequest(path, [path]))
        }
    }

    /// The two that libc keeps to itself are no exception.
    @Test func noSignalIsIgnored() throws {
        let ran = try run(["grep", "SigIgn", "/proc/self/status"])
        #expect(ran.output == "SigIgn:\t0000000000000000\n")
    }

    @Test func newSessionIsOneOfItsOwn() throws {
        // proc_pid_stat(5): pid, name, state, ppid, pgrp, session.
        let own = try run(["cat", "/proc/self/stat"], newSession: true)
        let ownFields = own.output.split(separator: " ")
        #expect(ownFields[0] == ownFields[5])
        let shared = try run(["cat", "/proc/self/stat"])
        let sharedFields = shared.output.split(separator: " ")
        #expect(sharedFields[0] != sharedFields[5])
    }

    @Test(arguments: [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137)])
    func waitReportsHowItEnded(script: String, code: CInt) throws {
        let status = try run(["sh", "-c", script]).status
        #expect(status.code == code)
        #expect(status.isSuccess == (code == 0))
        #expect(status == (code < 137 || code == 255 ? .exited(code) : .signalled(.kill)))
    }

    @Test func exitStatusesReadAsSentences() {
        #expect(ExitStatus.exited(3).description == "exited with code 3")
        #expect(ExitStatus.signalled(.terminate).description == "was ended by SIGTERM")
        #expect(ExitStatus.signalled(Signal(40)).description == "was ended by signal 40")
    }

    @Test func waitingForAStrangerIsAnError() {
        #expect(throws: SystemCallError("waitpid", "1", .noChildProcess)) {
            try Processes.wait(for: 1)
        }
    }

    @Test func aStoppedChildIsSeenOnce() throws {
        let child = try Processes.spawn(SpawnRequest("/bin/sleep", ["sleep", "60"]))
        defer {
            try? send(.kill, to: child)
            _ = try? Processes.wait(for: child)
        }
        func change() -> Bool? {
            for _ in 0..<2_000 {
                if let change = Processes.changedStop(of: child) { return change }
                Clock.pause(1)
            }
            return nil
        }
        #expect(Processes.changedStop(of: child) == nil)
        try send(.stop, to: child)
        #expect(change() == true && Processes.changedStop(of: child) == nil)
        try send(.continue, to: child)
        #expect(change() == false && Processes.changedStop(of: child) == nil)
    }
}

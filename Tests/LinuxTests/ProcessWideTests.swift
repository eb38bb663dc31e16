import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// What concerns all of a process: its signals and its children. Each test is a process of its own.
@Suite struct ProcessWideTests {
    /// To this thread: sent to the process, another thread might take it, which blocks nothing.
    @Test func blockedSignalsAreRead() async {
        await #expect(processExitsWith: .success) {
            let signals = try SignalDescriptor(blocking: [.user1, .terminate])
            #expect(try signals.next() == nil)
            _ = pthread_kill(pthread_self(), Signal.user1.number)
            let received = try #require(try signals.next())
            #expect(received.signal == .user1)
            #expect(received.sender == System.processID)
            #expect(try signals.next() == nil)
        }
    }

    @Test func aChildStartsWithoutTheBlockedAndIgnoredSignals() async {
        await #expect(processExitsWith: .success) {
            _ = try SignalDescriptor(blocking: [.terminate, .child])
            ignore(.pipe)
            let own = try Files.text("/proc/thread-self/status")
            #expect(signals("SigBlk", in: own).isSuperset(of: [.terminate, .child]))
            #expect(signals("SigIgn", in: own).contains(.pipe))
            let child = try run(["cat", "/proc/self/status"]).output
            #expect(signals("SigBlk", in: child) == [])
            #expect(signals("SigIgn", in: child) == [])
        }
    }

    @Test func reapTakesEveryChildThatHasEnded() async {
        await #expect(processExitsWith: .success) {
            #expect(Processes.reap() == nil)
            let input = try DescriptorPair.pipe()
            let waiting = try Processes.spawn(
                SpawnRequest("/bin/cat", ["cat"], descriptors: [(input.first.raw, 0)]))
            let ending = try Processes.spawn(SpawnRequest("/bin/sh", ["sh", "-c", "exit 3"]))
            waitWithoutReaping(ending)
            let reaped = try #require(Processes.reap())
            #expect(reaped.process == ending && reaped.status == .exited(3))
            #expect(Processes.reap() == nil)
            try send(.kill, to: waiting)
            #expect(try Processes.wait(for: waiting) == .signalled(.kill))
        }
    }

    /// Each number is the other's target: a dup2(2) of one over the other would lose it. The
    /// numbers must be low, as they are in a process of its own.
    @Test func crossingNumbersKeepTheirFiles() async {
        await #expect(processExitsWith: .success) {
            let one = try MemoryFile.sealed("one", holding: Array("one".utf8))
            let two = try MemoryFile.sealed("two", holding: Array("two".utf8))
            let crossed = try run(
                ["sh", "-c", "readlink /proc/$$/fd/\(one.raw) /proc/$$/fd/\(two.raw)"],
                descriptors: [(one.raw, two.raw), (two.raw, one.raw)])
            #expect(crossed.lines == ["/memfd:two (deleted)", "/memfd:one (deleted)"])
        }
    }

    @Test func aSubreaperAdoptsOrphans() async {
        await #expect(processExitsWith: .success) {
            try System.becomeSubreaper()
            // It lives until its parent is gone: until then the end of the pipe is held here.
            let pipe = try DescriptorPair.pipe()
            let parent = try run(
                ["sh", "-c", "sh -c 'read line <&3; exit 9' & echo $!"],
                descriptors: [(pipe.first.raw, 3)])
            let orphan = try #require(CInt(parent.output.dropLast()))
            try pipe.second.writeAll([0x0a])
            #expect(try Processes.wait(for: orphan) == .exited(9))
        }
    }

    @Test func becomeReplacesTheProgram() async {
        await #expect(processExitsWith: .exitCode(5)) {
            try Processes.become(
                "/bin/sh", ["sh", "-c", "[ \"$ONLY\" = this ] && exit 5"],
                environment: ["ONLY=this"])
        }
    }

    @Test func becomeComesBackWithTheReason() {
        #expect(throws: SystemCallError("execve", "/nonexistent", .noSuchFileOrDirectory)) {
            try Processes.become("/nonexistent", [], environment: [])
        }
    }

    /// Only PID 1 may: elsewhere it would end the machine's processes.
    @Test func signallingEveryoneIsForPID1() {
        Processes.signalEveryone(.kill)
        #expect(!Processes.isAlone)
    }
}

/// Waits until a child has ended and leaves it to be reaped.
private func waitWithoutReaping(_ process: CInt) {
    var information = unsafe siginfo_t()
    _ = unsafe waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT)
}

/// The signals below the real-time ones in a mask of proc_pid_status(5).
private func signals(_ field: String, in status: String) -> Set<Signal> {
    let line = status.split(separator: "\n").first { $0.hasPrefix("\(field):") }
    let mask = line.flatMap { UInt64($0.dropFirst(field.count + 2), radix: 16) } ?? .max
    return Set((1...31).filter { mask & 1 << UInt64($0 - 1) != 0 }.map(Signal.init))
}

import SystemPackage
import Testing

@testable import Linux

@Suite struct TrapTests {
    @Test(arguments: [
        (
            "11 1 deadbeef 1f40 5 60",
            Trap(
                signal: Signal(11), origin: .fault(code: 1, address: 0xdead_beef), offset: 0x1f40,
                moments: [5, 60].map { Instant(nanoseconds: $0) }),
            "SIGSEGV (code 1, address 0xdeadbeef, at 0x1f40 of the program)"
        ),
        (
            "4 sent 77 0 9223372036854775807",
            Trap(
                signal: Signal(4), origin: .sent(by: 77), offset: nil,
                moments: [Instant(nanoseconds: .max)]), "SIGILL (sent by process 77)"
        ),
        (
            "7 128 ffffffffffffffff 0 1",
            Trap(
                signal: Signal(7), origin: .fault(code: 128, address: .max), offset: nil,
                moments: [Instant(nanoseconds: 1)]),
            "SIGBUS (code 128, address 0xffffffffffffffff)"
        ),
    ])
    func isReadFromTheHandlersWords(words: String, trap: Trap, line: String) {
        let read = Trap(words: words.split(separator: " ").map(String.init))
        #expect(read == trap)
        #expect(read?.description == line)
    }

    @Test(arguments: [
        "", "11", "11 1 0 0", "0 1 0 0 1", "65 1 0 0 1", "x 1 0 0 1", "11 x 0 0 1", "11 1 xyz 0 1",
        "11 sent x 0 1", "11 1 0 xyz 1", "11 1 0 0 x", "11 1 10000000000000000 0 1",
        "11 1 0 0" + String(repeating: " 1", count: 65),
    ])
    func anythingElseIsNoTrap(words: String) {
        #expect(Trap(words: words.split(separator: " ").map(String.init)) == nil)
    }
}

@Suite struct ProgramFileTests {
    @Test(
        arguments: [
            (0o100755, 0, nil), (0o100555, 0, nil), (0o104755, 0, nil),
            (0o040755, 0, "is not a file: give the path of a program"),
            (0o010755, 0, "is not a file: give the path of a program"),
            (0o100755, 1000, "belongs to uid 1000: it must be root's"),
            (0o100775, 0, "may be written by others than root: chmod go-w"),
            (0o100757, 0, "may be written by others than root: chmod go-w"),
            (0o100744, 0, "is not executable for all: chmod 755"),
            (0o100700, 0, "is not executable for all: chmod 755"),
        ] as [(UInt32, UInt32, String?)])
    func whatRootMayBecome(mode: UInt32, owner: UInt32, defect: String?) {
        #expect(ProgramFile.defect(mode: mode, owner: owner) == defect)
    }

    @Test func aLinkIsNotFollowed() throws {
        #expect(try ProgramFile.open("/usr/bin/env").defect == nil)
        let error = #expect(throws: SystemCallError.self) {
            _ = try ProgramFile.open("/proc/self/exe")
        }
        #expect(error?.cause == .tooManySymbolicLinkLevels)
    }
}

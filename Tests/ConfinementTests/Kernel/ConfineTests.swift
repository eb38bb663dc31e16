import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Confinement

extension Signal {
    static let badSystemCall = Signal(31)
}

/// `codetainer confine` as the kernel sees what comes of it.
@Suite struct ConfineTests {
    /// The command behind `codetainer confine OPTIONS --`.
    private func confine(_ options: String, _ command: String...) throws -> [String] {
        [try codetainer(), "confine"] + options.split(separator: " ").map(String.init) + ["--"]
            + command
    }

    private func status(of command: [String]) throws -> ProcessStatus {
        let ran = try run(command)
        return try #require(ProcessStatus(parsing: ran.output), "\(ran.errors)")
    }

    @Test(arguments: ["--uid 1000 --gid 1001", ""])
    func nothingIsLeftOfRoot(options: String) throws {
        let outside = try status(of: ["cat", "/proc/self/status"])
        let inside = try status(of: try confine(options, "cat", "/proc/self/status"))
        #expect(!outside.permitted.isEmpty && !outside.bounding.isEmpty)
        #expect(inside.effective.isEmpty && inside.permitted.isEmpty)
        #expect(inside.bounding.isEmpty && inside.ambient.isEmpty)
        #expect(inside.noNewPrivileges && !outside.noNewPrivileges)
        // The list, and the one for calls that are younger than it.
        #expect(inside.filters == outside.filters + 2)
        let text = try run(try confine(options, "cat", "/proc/self/status")).output
        #expect(text.contains("CapInh:\t0000000000000000\n"))
    }

    @Test func identityIsAllIdsAndNoOtherGroup() throws {
        let text = try run(
            try confine("--uid 1000 --gid 1001", "cat", "/proc/self/status")
        ).output
        #expect(text.contains("Uid:\t1000\t1000\t1000\t1000\n"))
        #expect(text.contains("Gid:\t1001\t1001\t1001\t1001\n"))
        #expect(text.contains("Groups:\t1001 \n"))
    }

    @Test func thereIsNoWayBack() throws {
        let become = SystemCall("setresuid", 0, 0, 0)
        let inside = try SystemCall.make([become], in: try confine("--uid 1000 --gid 1000"))
        #expect(inside == [.notPermitted])
        #expect(try SystemCall.make([become], in: []) == [.result(0)])
    }

    @Test func setIDProgramsGainNothing() throws {
        let scratch = try Scratch()
        let program = scratch.path.appending("id")
        try Directory(scratch.path).write(
            try Files.read("/usr/bin/id"), to: "id", ownership: .root(mode: 0o4755))
        let inside = try run(try confine("--uid 1000 --gid 1000", program.string, "-u"))
        #expect(inside.output == "1000\n")
        let outside = try run([
            "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", program.string, "-u",
        ])
        #expect(outside.output == "0\n")
    }

    /// NOROOT and NO_CAP_AMBIENT_RAISE, and a lock on each of the four (capabilities(7)).
    @Test func secureBitsAreLocked() throws {
        let get = SystemCall("prctl", 27)
        #expect(try SystemCall.make([get], in: try confine("")) == [.result(0b1110_1011)])
        #expect(try SystemCall.make([get], in: []) == [.result(0)])
    }

    @Test func descriptorsCloseButThoseNamed() throws {
        let file = try MemoryFile.empty("leak", byteCount: 0)
        let show = ["sh", "-c", "for n in 3 4 5 6; do [ ! -e /proc/$$/fd/$n ] || echo $n; done"]
        let descriptors: [(source: CInt, target: CInt)] = [3, 4, 5, 6].map { (file.raw, $0) }
        func seen(_ options: String) throws -> [String] {
            try run(try confine(options) + show, descriptors: descriptors).lines
        }
        #expect(try run(show, descriptors: descriptors).lines == ["3", "4", "5", "6"])
        #expect(try seen("") == [])
        #expect(try seen("--keep-descriptors 5") == ["3", "4"])
        #expect(try seen("--keep-descriptors 7") == ["3", "4", "5", "6"])
    }

    @Test func limitsAreLoweredAndNeverRaised() throws {
        func limits(_ options: String) throws -> [String] {
            let command = try confine(options, "sh", "-c", "ulimit -Sc; ulimit -Hc; ulimit -Hn")
            return try run(
                ["sh", "-c", "ulimit -c unlimited; ulimit -n 2000; exec \"$@\"", "sh"] + command
            )
            .lines
        }
        #expect(try limits("") == ["0", "0", "2000"])
        #expect(try limits("--limit nofile=100") == ["0", "0", "100"])
        #expect(try limits("--limit nofile=3000") == ["0", "0", "2000"])
        #expect(try limits("--limit core=1000") == ["0", "0", "2000"])
    }

    @Test func newSessionHasNoTerminal() throws {
        func isLeader(_ options: String) throws -> Bool {
            let fields = try run(try confine(options, "cat", "/proc/self/stat")).output
                .split(separator: " ")
            return fields[0] == fields[5]
        }
        #expect(try isLeader("--new-session"))
        #expect(try !isLeader(""))
        // What leads a group already, as every command of an interactive shell, is told what to do.
        let leader = try run(try confine("--new-session", "true"), newSession: true)
        #expect(leader.code == 71)
        #expect(leader.errors.contains("session: setsid: Operation not permitted: it leads"))
    }

    @Test func directoryIsEnteredAndTheEnvironmentIsAnAllowList() throws {
        let environment = ["PATH=\(searchPath)", "A=b", "C=d", "LD_PRELOAD=/none", "TERM=dumb"]
        func seen(_ options: String) throws -> [String] {
            try run(try confine(options, "env"), environment: environment).lines
        }
        #expect(try run(try confine("--directory /usr", "pwd")).lines == ["/usr"])
        #expect(try seen("") == ["PATH=\(searchPath)", "TERM=dumb"])
        #expect(try seen("--keep-env A") == ["PATH=\(searchPath)", "A=b", "TERM=dumb"])
        #expect(try seen("--keep-env *") == environment)
    }

    @Test func helpIsForItOnlyBeforeTheCommand() throws {
        for words in [["--help"], ["--new-session", "-h"]] {
            let help = try run([try codetainer(), "confine"] + words)
            #expect(help.code == 0 && help.output.contains("USAGE: codetainer confine"))
        }
        let other = try run(try confine("", "sh", "-c", "echo $1", "sh", "--help"))
        #expect(other.output == "--help\n")
    }

    @Test(arguments: [0, 1, 7, 255] as [CInt])
    func theCommandsCodeIsTheCode(code: CInt) throws {
        #expect(try run(try confine("", "sh", "-c", "exit \(code)")).code == code)
    }

    @Test func whatFailsMayBeSaidAsJSON() throws {
        let ran = try run(try confine("--json", "/nowhere"))
        #expect(ran.code == 127)
        #expect(ran.errors.hasPrefix("{\"time\":\""))
        #expect(ran.errors.contains("\"level\":\"error\",\"message\":\"confine: /nowhere: "))
        #expect(ran.errors.hasSuffix("\"}\n"))
    }

    @Test func whatCannotBeRunSaysWhy() throws {
        let scratch = try Scratch()
        let plain = try scratch.write("text", to: "plain").string
        let secluded = try scratch.write("#!/bin/sh\n", to: "private", mode: 0o700).string
        let cases: [(options: String, command: String, code: CInt, errors: String)] = [
            (
                "", "no-such-command", 127,
                "confine: no-such-command: command not found: check the spelling, PATH, and that the image has it"
            ),
            (
                "", "/no/such", 127,
                "confine: /no/such: command not found: check the spelling, PATH, and that the image has it"
            ),
            (
                "", plain, 126,
                "confine: \(plain): not an executable file: chmod +x, or name another"
            ),
            ("", "/usr", 126, "confine: /usr: not an executable file: chmod +x, or name another"),
            // Root finds it, the agent may not run it.
            (
                "--uid 1000 --gid 1000", secluded, 126,
                "confine: execve \(secluded): Permission denied"
            ),
            ("--uid 1000", "true", 64, "confine: --uid and --gid go together: give both"),
            (
                "--directory /no/such", "true", 71,
                "confine: chdir /no/such: No such file or directory"
            ),
        ]
        for (options, command, code, errors) in cases {
            let ran = try run(try confine(options, command))
            #expect(ran.code == code, "\(command)")
            #expect(ran.errors == "codetainer: \(errors)\n")
        }
        #expect(try run([try codetainer(), "confine", "--"]).code == 64)
        #expect(try run(try confine("--uid 1000 --gid 1000", "true")).code == 0)
    }

    /// Root without capabilities cannot put the identity on: nothing is started.
    @Test func aLayerThatFailsStopsIt() throws {
        let command = try confine("--uid 1000 --gid 1000", "echo", "started")
        let ran = try run(["setpriv", "--bounding-set=-all"] + command)
        #expect(ran.code == 71 && ran.output == "")
        #expect(
            ran.errors
                == "codetainer: confine: cannot confine: identity: setgroups 1000: Operation not permitted\n"
        )
        #expect(try run(command).output == "started\n")
    }
}

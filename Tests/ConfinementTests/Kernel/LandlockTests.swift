import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Confinement

/// Landlock as the kernel under test applies it, which has version 6 at least.
@Suite struct LandlockTests {
    private let scratch: Scratch
    private let inside: String
    private let outside: String

    init() throws {
        try #require(LandlockSupport.current.number >= 6, "\(LandlockSupport.current)")
        scratch = try Scratch()
        inside = try Scratch.below(scratch, "in").string
        outside = try Scratch.below(scratch, "out").string
    }

    private func shell(_ options: [String], _ script: String) throws -> Finished {
        try run(
            [try codetainer(), "confine", "--seccomp", "none"]
                + options.flatMap { ["--landlock", $0] } + [
                    "--", "sh", "-c", script, "sh", inside, outside,
                ])
    }

    @Test(arguments: [
        "echo x >$1/new", "mkdir $1/d && rmdir $1/d", "echo x >$1/a && mv $1/a $1/b",
        "mkdir -p $1/x $1/y && echo 1 >$1/x/f && ln $1/x/f $1/y/f && mv $1/x/f $1/y/g",
        "ln -s / $1/link && rm $1/link", "mkfifo $1/pipe && rm $1/pipe",
        "touch $1/t && truncate -s 9 $1/t",
    ])
    func filesAreChangedBelowWhatIsNamedOnly(script: String) throws {
        let options = ["write=\(inside)", "use=/dev/null"]
        let allowed = try shell(options, script)
        #expect(allowed.code == 0, "\(allowed.errors)")
        let refused = try shell(options, script.replacing("$1", with: "$2"))
        #expect(refused.code != 0 && refused.errors.contains("Permission denied"))
        let free = try shell(["scope"], script.replacing("$1", with: "$2"))
        #expect(free.code == 0, "the control: \(free.errors)")
    }

    @Test func nothingMovesOutOrIn() throws {
        try Directory(FilePath(inside)).write([1], to: "f", ownership: .root(mode: 0o644))
        let refused = try shell(["write=\(inside)"], "mv $1/f $2/f")
        #expect(refused.code != 0)
        #expect(try FileStatus(of: FilePath(outside).appending("f")) == nil)
        #expect(try shell(["scope"], "mv $1/f $2/f").code == 0)
    }

    @Test func devicesAreUsedAndNotMade() throws {
        let options = ["write=\(inside)", "use=/dev/null"]
        #expect(try shell(options, "echo x >/dev/null").code == 0)
        #expect(try shell(options, "echo x >/dev/full").errors.contains("Permission denied"))
        #expect(try shell(options, "mknod $1/null c 1 3").code != 0)
    }

    @Test func filesAreReadBelowWhatIsNamedOnly() throws {
        for directory in [inside, outside] {
            try Directory(FilePath(directory)).write(
                Array("text".utf8), to: "f", ownership: .root(mode: 0o644))
        }
        let options = ["read=/usr", "read=/lib", "read=/etc", "read=\(inside)"]
        #expect(try shell(options, "cat $1/f").output == "text")
        let refused = try shell(options, "cat $2/f")
        #expect(refused.output == "" && refused.errors.contains("Permission denied"))
    }

    @Test func portsAreThoseNamed() throws {
        let listener = try InternetSocket.listen(at: Endpoint(.v4(0x7f00_0001), port: 0))
        let port = try InternetSocket.local(of: listener.raw).port
        func perl(_ arguments: String) -> String {
            "exec perl -MIO::Socket::INET -e 'IO::Socket::INET->new(\(arguments)) or die $!'"
        }
        let connect = perl("PeerAddr => \"127.0.0.1:\(port)\"")
        #expect(try shell(["connect=\(port)"], connect).code == 0)
        #expect(try shell(["connect="], connect).errors.contains("Permission denied"))
        let bind = perl("Listen => 1, LocalPort => 0")
        #expect(try shell(["connect="], bind).code == 0)
        #expect(try shell(["bind="], bind).errors.contains("Permission denied"))
    }

    /// Of the same user, without a cage of its own: what `docker exec -u` starts.
    @Test func aProcessOutsideIsOutOfReach() throws {
        let target = try Processes.spawn(
            SpawnRequest(
                "/usr/bin/setpriv",
                [
                    "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--inh-caps=-all",
                    "sleep", "60",
                ]))
        defer {
            try? send(.kill, to: target)
            _ = try? Processes.wait(for: target)
        }
        while ProcessStatus.of(target)?.name != "sleep" { usleep(1000) }
        func attempt(_ reach: [String], _ script: String) throws -> Finished {
            try run(
                [try codetainer(), "confine", "--uid", "1000", "--gid", "1000"]
                    + reach.flatMap { ["--landlock", $0] } + ["--", "sh", "-c", script])
        }
        let attempts = [
            "head -c1 /proc/\(target)/environ >/dev/null", "readlink /proc/\(target)/fd/0",
            "head -c0 /proc/\(target)/mem", "kill -0 \(target)",
        ]
        for script in attempts {
            #expect(try attempt([], script).code == 0, "the control: \(script)")
            #expect(try attempt(["scope"], script).code != 0, "\(script)")
        }
        // On a child of its own all of it works.
        let own = """
            sleep 60 & head -c1 /proc/$!/environ >/dev/null && readlink /proc/$!/fd/0 && kill $!
            """
        #expect(try attempt(["scope"], own).code == 0)
        let trace = "strace -qq -o /dev/null true"
        #expect(try attempt(["scope"], trace).code == 0)
        let attach = "timeout 2 strace -qq -o /dev/null -p \(target)"
        // strace that attached is ended by timeout: 124.
        #expect(try attempt(["scope"], attach).errors.contains("Operation not permitted"))
    }

    @Test func abstractSocketsOutsideAreOutOfReach() throws {
        let name = "codetainer-test-\(System.processID)"
        let socket = "use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); "
        let address = "(S, pack_sockaddr_un(qq(\\0\(name)))) or die $!; "
        let server = socket + "bind" + address + "listen(S, 1); "
        let client = socket + "connect" + address
        func attempt(_ reach: [String]) throws -> Finished {
            let confined = try [codetainer(), "confine"] + reach.flatMap { ["--landlock", $0] }
            let command = (confined + ["--", "perl", "-e"]).joined(separator: " ")
            return try run([
                "perl", "-e",
                server + "exec { 'sh' } 'sh', '-c', $ARGV[0] unless fork; wait; exit $? >> 8",
                "\(command) '\(client)'",
            ])
        }
        #expect(try attempt([]).code == 0, "the control")
        let refused = try attempt(["scope"])
        #expect(refused.code != 0 && refused.errors.contains("Operation not permitted"))
    }

    /// What is missing is said, and is an error where it is required.
    @Test func aPathThatIsNotThereStopsIt() throws {
        let ran = try shell(["write=\(inside)/none"], "echo started")
        #expect(ran.code == 71 && ran.output == "")
        #expect(
            ran.errors.hasPrefix(
                "codetainer: confine: cannot confine: landlock: open \(inside)/none: "))
    }

    #if arch(x86_64)
        /// A kernel without Landlock, as a filter of an outer sandbox makes it look.
        @Test func withoutLandlockItIsSaidAndGoesOn() throws {
            let without = [
                "perl", "-e",
                // BPF: 444 is ENOSYS, everything else passes; PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP.
                """
                my @f = ([0x20,0,0,0],[0x15,0,1,444],[6,0,0,0x50000|38],[6,0,0,0x7fff0000]);
                my $p = join '', map { pack 'SCCL', @$_ } @f;
                my $prog = pack 'S x6 P', 4, $p;
                syscall(157, 38, 1, 0, 0, 0); syscall(157, 22, 2, $prog, 0, 0) == 0 or die $!; exec @ARGV;
                """,
            ]
            func attempt(_ options: [String]) throws -> Finished {
                try run(
                    without + [try codetainer(), "confine", "--landlock", "scope"] + options
                        + ["--", "echo", "started"])
            }
            let prefix = "codetainer: confine: "
            let reason = "landlock: this kernel was built without Landlock\n"
            let optional = try attempt([])
            #expect(optional.output == "started\n" && optional.errors == prefix + reason)
            #expect(try attempt(["--quiet"]).errors == "")
            let required = try attempt(["--require", "landlock"])
            #expect(required.code == 71 && required.output == "")
            #expect(required.errors == prefix + "cannot confine: " + reason)
        }
    #endif
}

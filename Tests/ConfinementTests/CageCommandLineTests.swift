import Linux
import Testing

@testable import Confinement

@Suite struct CageCommandLineTests {
    private static func cage(_ change: (inout Cage) -> Void) -> Cage {
        var cage = Cage()
        change(&cage)
        return cage
    }

    @Test(arguments: [
        (Cage(), "--seccomp agent --"),
        (
            Cage(identity: .init(user: 1000, group: 1001)),
            "--uid 1000 --gid 1001 --seccomp agent --"
        ),
        (Cage(filter: .none), "--seccomp none --"),
        (
            Cage(filter: .service, limits: [.init(.openFiles, 4096), .init(.processes, 64)]),
            "--seccomp service --limit nofile=4096 --limit nproc=64 --"
        ),
        (
            Cage(keptDescriptors: 9, newSession: true, directory: "/work space"),
            "--seccomp agent --keep-descriptors 9 --new-session --directory /work space --"
        ),
        (cage { $0.environment = .callers }, "--seccomp agent --keep-env * --"),
        (
            cage { $0.environment = .usualAnd(["A", "B"]) },
            "--seccomp agent --keep-env A --keep-env B --"
        ),
        (
            cage {
                $0.filter = .agentWithUserNamespaces
                ($0.required, $0.isQuiet, $0.saysJSON) = ([.landlock], true, true)
            }, "--seccomp agent-userns --require landlock --quiet --json --"
        ),
        (
            cage { $0.reach = .nothing(butPorts: [53]) },
            "--seccomp agent --landlock write= --landlock read= --landlock execute= --landlock connect=53 --landlock bind= --landlock scope --"
        ),
        (
            cage {
                $0.reach = Reach()
                $0.reach?.writable = ["/tmp", "/a=b"]
                $0.reach?.usable = ["/dev"]
                $0.reach?.bindable = [80, 0]
            },
            "--seccomp agent --landlock write=/tmp --landlock write=/a=b --landlock use=/dev --landlock bind=80 --landlock bind=0 --"
        ),
    ])
    func isWrittenAndReadBack(cage: Cage, words: String) throws {
        #expect(cage.options.joined(separator: " ") == words)
        let command = ["-c", "--uid", "--"]
        let read = try Cage.parse(cage.options + command)
        #expect(read.cage == cage)
        #expect(read.command == command)
    }

    @Test(arguments: [
        (["true"], Cage(), ["true"]),
        (["--new-session", "sh", "-c", "x"], Cage(newSession: true), ["sh", "-c", "x"]),
        (
            ["--terminal", "sh"],
            {
                var cage = Cage(newSession: true)
                cage.takesTerminal = true
                return cage
            }(), ["sh"]
        ),
        (
            ["--gid", "0", "--uid", "4294967294", "--", "a"],
            Cage(identity: .init(user: 4_294_967_294, group: 0)), ["a"]
        ),
        (
            ["--limit", "core=18446744073709551615", "--limit", "memlock=0", "a"],
            Cage(limits: [.init(.core, .max), .init(.lockedMemory, 0)]), ["a"]
        ),
        (["--seccomp", "none", "--seccomp", "service", "a"], Cage(filter: .service), ["a"]),
    ])
    func accepts(words: [String], cage: Cage, command: [String]) throws {
        let read = try Cage.parse(words)
        #expect(read.cage == cage && read.command == command)
    }

    @Test(arguments: [
        ("", "no command: put it after `--`"),
        ("--", "no command: put it after `--`"),
        ("--new-session --", "no command: put it after `--`"),
        ("--uid 1 -- a", "--uid and --gid go together: give both"),
        ("--gid 1 a", "--uid and --gid go together: give both"),
        ("--uid", "--uid needs a value"),
        ("--uid 1 --gid", "--gid needs a value"),
        ("--uid claude", "--uid claude: a number from 0 to 4294967294 is needed"),
        ("--uid -1", "--uid -1: a number from 0 to 4294967294 is needed"),
        // (uid_t)-1 means "leave it as it is" (setresuid(2)).
        ("--gid 4294967295", "--gid 4294967295: a number from 0 to 4294967294 is needed"),
        ("--keep-descriptors x", "--keep-descriptors x: a number from 0 to 4294967294 is needed"),
        ("--seccomp", "--seccomp needs a value"),
        (
            "--seccomp strict a",
            "--seccomp strict: use one of agent, agent-userns, service, lease, none"
        ),
        ("--limit", "--limit needs a value"),
        (
            "--limit nofile a",
            "--limit nofile: use NAME=NUMBER with one of core, nproc, nofile, memlock, msgqueue"
        ),
        (
            "--limit cpu=1 a",
            "--limit cpu=1: use NAME=NUMBER with one of core, nproc, nofile, memlock, msgqueue"
        ),
        (
            "--limit core=-1 a",
            "--limit core=-1: use NAME=NUMBER with one of core, nproc, nofile, memlock, msgqueue"
        ),
        (
            "--limit core=1=2 a",
            "--limit core=1=2: use NAME=NUMBER with one of core, nproc, nofile, memlock, msgqueue"
        ),
        ("--keep-env A=b a", "--keep-env A=b: use the name of a variable, or * for all"),
        ("--require seccomp a", "--require seccomp: use one of landlock"),
        ("--landlock", "--landlock needs a value"),
        (
            "--landlock connect=http a",
            "--landlock connect=http: use a port from 0 to 65535"
        ),
        ("--landlock use= a", landlock("use=")),
        ("--landlock scope=1 a", landlock("scope=1")),
        ("--landlock write a", landlock("write")),
        ("--landlock /tmp a", landlock("/tmp")),
        ("--directory", "--directory needs a value"),
        ("--root a", "unknown option --root: see `codetainer confine --help`"),
        ("-u 1 a", "unknown option -u: see `codetainer confine --help`"),
        ("- a", "unknown option -: see `codetainer confine --help`"),
        ("--uid=1 a", "unknown option --uid=1: see `codetainer confine --help`"),
    ])
    func refuses(line: String, message: String) {
        let error = #expect(throws: Cage.UsageError.self) {
            _ = try Cage.parse(line.split(separator: " ").map(String.init))
        }
        #expect(error?.description == message)
    }

    private static func landlock(_ word: String) -> String {
        let known =
            "write=PATH, use=PATH, read=PATH, execute=PATH, connect=PORT, bind=PORT or scope"
        return "--landlock \(word): use \(known)"
    }
}

import CSeccomp
import TestSupport

/// One system call with arguments that do no harm: what it answers tells how far it came.
struct SystemCall {
    /// Its name, or its number in decimal.
    let name: String
    let arguments: [UInt64]

    init(_ name: String, _ arguments: UInt64...) { (self.name, self.arguments) = (name, arguments) }

    /// An argument that stands for the address of some octets to write into.
    static let buffer: UInt64 = 0x6275_6666_6572

    /// What a call came to: its result, or its error number.
    enum Answer: Equatable {
        case result(Int)
        case error(Int)

        static let notPermitted = Answer.error(1)
        static let notImplemented = Answer.error(38)
    }

    /// Makes each call in a perl process of its own, which `cage` (a command that ends where
    /// another begins) starts; with `forks` false in one, for where none can be started.
    static func make(_ calls: [SystemCall], in cage: [String], forks: Bool = true) throws
        -> [Answer]
    {
        let words = calls.map { call -> String in
            let number = unsafe Int32(call.name) ?? seccomp_syscall_resolve_name(call.name)
            return
                (["\(number)"]
                + call.arguments.map { $0 == buffer ? "buffer" : "\(Int64(bitPattern: $0))" })
                .joined(separator: " ")
        }
        let ran = try run(cage + ["perl", "-e", forks ? forking : plain] + words, newSession: true)
        let answers = ran.lines.map { line in
            let parts = line.split(separator: " ").compactMap { Int($0) }
            return parts[0] < 0 ? Answer.error(parts[1]) : .result(parts[0])
        }
        guard answers.count == calls.count else { throw Incomplete(ran: ran) }
        return answers
    }

    struct Incomplete: Error { let ran: Finished }

    private static let plain = """
        for (@ARGV) {
            my @call = map { $_ eq 'buffer' ? "\\0" x 64 : $_ + 0 } split / /;
            my $result = syscall(shift @call, @call);
            syswrite STDOUT, "$result " . ($! + 0) . "\\n";
        }
        """

    /// Each child writes its own line; a second one, that the call itself made, writes none.
    private static let forking = """
        for (@ARGV) {
            my @call = map { $_ eq 'buffer' ? "\\0" x 64 : $_ + 0 } split / /;
            unless (my $child = fork // die "fork: $!") {
                my $self = $$;
                my $result = syscall(shift @call, @call);
                my $cause = $! + 0;
                exit 0 if readlink('/proc/self') != $self;
                syswrite STDOUT, "$result $cause\\n";
                exit 0;
            }
            wait;
        }
        """
}

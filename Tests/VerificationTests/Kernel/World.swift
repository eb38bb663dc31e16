import Linux
import TestSupport

@testable import Verification

/// Runs `codetainer probe` where nothing holds: root of its own namespaces, with routes into the
/// void, a name server that is not ours, and a control socket that grants everything.
enum World {
    /// A process that is root's and may be attacked is PID 1 here: the shell.
    private static let script = """
        ip link set lo up
        ip link add here type veth peer name there
        ip link set here up; ip link set there up
        ip address add 10.99.0.2/24 dev here
        ip -6 address add 2001:db8:9::2/64 dev here nodad
        ip route add default via 10.99.0.1
        ip -6 route add default via 2001:db8:9::1
        ip neighbour add 10.99.0.1 dev here lladdr 2:0:0:0:0:1
        ip neighbour add 2001:db8:9::1 dev here lladdr 2:0:0:0:0:1
        echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range
        mount -t tmpfs -o mode=755 run /run; mkdir /run/codetainer /run/user /run/flood
        mount -t tmpfs -o size=0 flood /run/flood
        touch /run/codetainer/ready /run/codetainer/boot.log
        names() {
            dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --no-resolv --no-hosts \
                --bind-interfaces --user=root --address=/localhost/127.0.0.1 \
                --address=/denied.invalid/ "$@" &
        }
        [ "$NAMES" = no ] || names --listen-address=127.0.0.53
        names --listen-address=127.0.0.11 --port=5311
        perl -MSocket -e '
            socket(my $listener, AF_UNIX, SOCK_STREAM, 0); bind($listener, sockaddr_un($ARGV[0]));
            listen($listener, 9);
            while (accept(my $peer, $listener)) { sysread $peer, my $line, 600; syswrite $peer, "{}\\n" }
            ' "$SOCKET" &
        until [ -S "$SOCKET" ] && ss -ltn | grep -q 127.0.0.11:5311; do sleep 0.01; done
        [ "$NAMES" = no ] || until ss -ltn | grep -q 127.0.0.53:53; do sleep 0.01; done
        "$@"
        kill %1 %2 %3 2>/dev/null
        true
        """

    /// The findings of the attacks, tried with `options` of `codetainer probe` as the cage.
    static func findings(_ attacks: [Attack], options: [String], withNames: Bool = true) throws
        -> [String: Finding]
    {
        let socket = "/run/codetainer/control.sock"
        let ran = try run(
            ["unshare", "--fork", "--pid", "--mount-proc", "--net", "--mount", "--", "bash", "-c"]
                + [script, "-", try codetainer(), "probe", "--records", "--socket", socket]
                + options + attacks.map(\.name),
            environment: [
                "PATH=\(searchPath)", "SOCKET=\(socket)", "NAMES=\(withNames ? "yes" : "no")",
            ])
        let findings = ran.lines.compactMap { Finding(record: $0[...]) }
        return Dictionary(findings.map { ($0.attack, $0) }) { first, _ in first }
    }
}

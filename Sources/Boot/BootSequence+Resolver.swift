import Control
import Filesystem
import Linux
import Policy
import Resolver
import Supervision
import SystemPackage

extension BootSequence {
    /// Binds the sockets, starts the service, points the container at it and sees one answer.
    func startResolver(_ configuration: BootConfiguration, packetLog: CInt?) throws(BootFailure) {
        try openMetrics(configuration)
        do throws(SystemCallError) {
            let sockets = try bindSockets()
            let policy = try supervisor.policyFile()
            let statistics = try MemoryFile.empty(
                "statistics", byteCount: ResolverStatistics.byteCount)
            var specification = ResolverSpecification(
                executable: executable, user: configuration.resolver.user,
                group: configuration.resolver.group, datagramSockets: sockets.datagram,
                streamSockets: sockets.stream, policy: policy.release(),
                statistics: statistics.release(), packetLog: packetLog,
                upstreams: configuration.upstreams.map(\.description),
                relaysAAAA: hasGlobalIPv6Route, audits: configuration.audits)
            if let lease = supervisor.facts.lease, !lease.isAddress {
                specification.leasedName = lease.host
            }
            try supervisor.startResolver(specification)
            try pointAtResponder(configuration)
        } catch  where error.cause == .permissionDenied && error.call == "bind" {
            // Docker gives every port to everybody; podman and Kubernetes do not.
            throw BootFailure(
                .noPermission,
                "cannot start the resolver: \(error): the container lacks CAP_NET_BIND_SERVICE: add `--cap-add NET_BIND_SERVICE`"
            )
        } catch {
            throw BootFailure(
                .unavailable, "cannot start the resolver: \(error): \(Self.refusalAdvice)")
        }
        try awaitAnswer()
    }

    private func bindSockets() throws(SystemCallError) -> (datagram: [CInt], stream: [CInt]) {
        let responder = Endpoint(.v4(0x7f00_0035), port: 53)
        var datagram = [try InternetSocket.datagrams(boundTo: responder).release()]
        var stream = [try InternetSocket.listen(at: responder).release()]
        // ::1 is missing where the container has no IPv6 at all; then nothing can ask there.
        let loopback = Endpoint(.v6(0, 1, scope: 0), port: 53)
        do throws(SystemCallError) {
            let udp = try InternetSocket.datagrams(boundTo: loopback)
            let tcp = try InternetSocket.listen(at: loopback)
            datagram.append(udp.release())
            stream.append(tcp.release())
        } catch {
            guard error.cause == .addressNotAvailable || error.cause == .addressFamilyNotSupported
            else { throw error }
        }
        return (datagram, stream)
    }

    /// /proc/net/ipv6_route has a default route that is not the kernel's own unreachable one.
    private var hasGlobalIPv6Route: Bool {
        let routes = (try? Files.text("/proc/net/ipv6_route")) ?? ""
        return routes.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count >= 10 && fields[0].allSatisfy { $0 == "0" } && fields[1] == "00"
                && fields[9] != "lo"
        }
    }

    /// Puts the responder into /etc/resolv.conf; where that cannot be written, the packet filter
    /// still sends every query to it.
    private func pointAtResponder(_ configuration: BootConfiguration) throws(SystemCallError) {
        let contents = Array(configuration.resolverFile.replacement.utf8)
        if canMount {
            let file = Paths.run.appending("resolv.conf")
            try Directory(Paths.run).write(
                contents, to: "resolv.conf", ownership: .root(mode: 0o644))
            try Mounting.bind(file, at: Paths.resolverFile)
            return
        }
        do throws(SystemCallError) {
            try Files.overwrite(contents, at: Paths.resolverFile)
        } catch {
            report(
                missing: "resolv-conf",
                "\(error): queries are redirected to the responder all the same")
        }
    }

    /// Asks for `localhost`, which the responder answers by itself (RFC 6761 §6.3).
    private func awaitAnswer() throws(BootFailure) {
        let deadline = Instant.now + 5_000
        do {
            let socket = try InternetSocket.datagrams(
                connectedTo: Endpoint(.v4(0x7f00_0035), port: 53))
            // Header: id "ct", recursion desired, one question; localhost, A, IN.
            let query: [UInt8] =
                [0x63, 0x74, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9] + Array("localhost".utf8)
                + [0, 0, 1, 0, 1]
            _ = try socket.write(query)
            var answer = [UInt8](repeating: 0, count: 512)
            var isAnswered = false
            try supervisor.wait(until: deadline, readable: socket.raw) {
                let count = (try? socket.read(into: &answer)).flatMap { $0 } ?? 0
                isAnswered = count >= 12 && answer[0] == 0x63 && answer[1] == 0x74
                return isAnswered
            }
        } catch Supervisor.Interruption.stopped(let signal) {
            throw BootFailure(stoppedBy: signal.number)
        } catch Supervisor.Interruption.timedOut {
            throw BootFailure(
                .unavailable,
                "the resolver does not answer on 127.0.0.53 port 53: see its own lines above")
        } catch {
            throw BootFailure(.unavailable, "cannot ask the resolver: \(error): report this")
        }
    }
}

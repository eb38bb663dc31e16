import Linux
import SystemPackage
import TestSupport
import Testing

@Suite struct UnixSocketTests {
    @Test func messagesKeepTheirBoundaries() throws {
        let pair = try UnixSocket.messagePair()
        var octets = [UInt8](repeating: 0, count: 64)
        #expect(try pair.second.read(into: &octets) == nil)
        try pair.first.writeAll([1, 2, 3])
        try pair.first.writeAll([4])
        #expect(try pair.second.read(into: &octets) == 3)
        #expect(try pair.second.read(into: &octets) == 1)
        #expect(octets[0] == 4)
    }

    @Test func theKernelVouchesForThePeer() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("socket")
        let listener = try UnixSocket.listen(at: path, mode: 0o666)
        #expect(try FileStatus(of: path)?.mode == 0o666)
        #expect(try UnixSocket.accept(from: listener.raw) == nil)

        let client = try UnixSocket.connect(to: path)
        guard let own = try UnixSocket.accept(from: listener.raw) else { throw NobodyConnected() }
        let ownCredentials = try PeerCredentials(of: own)
        #expect(ownCredentials.process == System.processID)
        #expect(ownCredentials.user == 0 && ownCredentials.group == 0)
        let handle = OwnedDescriptor(adopting: try PeerCredentials.process(at: own.raw))
        #expect(
            try Files.text(FilePath("/proc/self/fdinfo/\(handle.raw)")).split(separator: "\n")
                .contains("Pid:\t\(System.processID)"))
        _ = try client.write([1])

        let other = try run([
            "setpriv", "--reuid=1000", "--regid=1001", "--clear-groups", "perl", "-MSocket", "-e",
            "socket(S, AF_UNIX, SOCK_STREAM, 0) && connect(S, sockaddr_un($ARGV[0])) or die $!",
            path.string,
        ])
        #expect(other.code == 0, "\(other.errors)")
        guard let strange = try UnixSocket.accept(from: listener.raw) else {
            throw NobodyConnected()
        }
        let credentials = try PeerCredentials(of: strange)
        #expect(credentials.user == 1000 && credentials.group == 1001)
        #expect(credentials.process != System.processID)
    }

    @Test func modeDecidesWhoConnects() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("socket")
        let connect =
            "socket(S, AF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ARGV[0])) or exit $!+0"
        for (mode, code) in [
            (0o666 as UInt32, 0 as CInt), (0o600, Errno.permissionDenied.rawValue),
        ] {
            let listener = try UnixSocket.listen(at: path, mode: mode)
            let ran = try run([
                "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "perl", "-MSocket",
                "-e", connect, path.string,
            ])
            #expect(ran.code == code)
            _ = listener.raw
        }
    }

    @Test func replacesAnOldSocket() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("socket")
        do { _ = try UnixSocket.listen(at: path, mode: 0o600) }
        #expect(throws: SystemCallError("connect", path.string, .connectionRefused)) {
            _ = try UnixSocket.connect(to: path)
        }
        let listener = try UnixSocket.listen(at: path, mode: 0o600)
        _ = try UnixSocket.connect(to: path)
        #expect(try UnixSocket.accept(from: listener.raw) != nil)
    }

    @Test func refusesPathsThatCannotBe() {
        let long = FilePath("/tmp/" + String(repeating: "a", count: 108))
        #expect(throws: SystemCallError("bind", long.string, .fileNameTooLong)) {
            _ = try UnixSocket.listen(at: long, mode: 0o600)
        }
        #expect(
            throws: SystemCallError("connect", "/nonexistent/socket", .noSuchFileOrDirectory)
        ) {
            _ = try UnixSocket.connect(to: "/nonexistent/socket")
        }
    }
}

private struct NobodyConnected: Error {}

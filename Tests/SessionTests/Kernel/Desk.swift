import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Session

/// An operator at a terminal, and on a thread of its own a relay that shows a shell script there.
final class Desk: @unchecked Sendable {
    /// How long anything may take, on a busy machine.
    private static let patience: Milliseconds = 20_000

    /// The operator's end of the operator's terminal, and where its other end is.
    let master: CInt
    let path: String
    /// What stty(1) said of the terminal before.
    private(set) var settingsBefore = ""
    /// The client's end of the client's terminal.
    private(set) var clientPath = ""

    /// Why the relay has ended.
    private(set) var cause = TerminalRelay.Cause.client

    private var terminal: PseudoTerminal?
    /// The open file of the operator's shell; blocking.
    private let shells: OwnedDescriptor
    private let poll: Poll
    private var thread: pthread_t = 0
    private var result: Result<Linux.ExitStatus, any Error>?
    private let started = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)

    init(
        _ script: String, size: WindowSize = WindowSize(rows: 24, columns: 80),
        isReadOnly: Bool = false, attention: Milliseconds = .seconds(300)
    ) throws {
        let terminal = try PseudoTerminal()
        (master, path) = (terminal.master.raw, terminal.path)
        try size.apply(to: master)
        shells = OwnedDescriptor(adopting: unsafe open(path, O_RDWR | O_NOCTTY | O_CLOEXEC))
        self.terminal = consume terminal
        poll = try Poll()
        settingsBefore = try settings()
        Thread { self.work(script, isReadOnly, attention) }.start()
        started.wait()
    }

    private func work(_ script: String, _ isReadOnly: Bool, _ attention: Milliseconds) {
        thread = pthread_self()
        do {
            let relay = try TerminalRelay(
                terminal: shells.raw, isReadOnly: isReadOnly, patience: 500, attention: attention)
            clientPath = relay.clientPath
            started.signal()
            let client = SpawnRequest(
                "/bin/sh", ["sh", "-c", script], environment: ["PATH=\(searchPath)"])
            let ended = try relay.run(client)
            cause = ended.cause
            result = .success(ended.status)
        } catch {
            result = .failure(error)
            started.signal()
        }
        finished.signal()
    }

    /// How the client ended, once the relay has.
    func outcome() throws -> Linux.ExitStatus {
        #expect(finished.wait(timeout: .now() + 20) == .success)
        return try #require(result).get()
    }

    /// To the relay's thread: sent to the process, another one might take it.
    func signal(_ signal: Signal) { _ = pthread_kill(thread, signal.number) }

    func hangUp() { terminal = nil }

    func settings() throws -> String {
        try run(["stty", "-a"], descriptors: [(shells.raw, 0)]).output
    }

    func isBlocking() throws -> Bool {
        let flags = fcntl(shells.raw, F_GETFL)
        return try #require(flags >= 0 ? flags : nil) & O_NONBLOCK == 0
    }

    func type(_ keys: String) throws { _ = try exchange(Array(keys.utf8), for: 0) }

    func read(_ count: Int) throws -> [UInt8] { try exchange([], for: count) }

    func lines(_ count: Int) throws -> [String] {
        var lines: [String] = []
        while lines.count < count {
            var line = ""
            while !line.hasSuffix("\r\n") { line += String(decoding: try read(1), as: UTF8.self) }
            lines.append(String(line.dropLast()))
        }
        return lines
    }

    /// Types `keys` while reading what is shown, until all of both is through.
    func exchange(_ keys: [UInt8], for count: Int) throws -> [UInt8] {
        let deadline = Instant.now + Self.patience
        var keys = keys[...]
        var shown: [UInt8] = []
        try poll.add(master, for: [], token: 0)
        defer { try? poll.remove(master) }
        while !keys.isEmpty || shown.count < count {
            try #require(Instant.now < deadline, "\(keys.count) left, \(shown.count) shown")
            var wanted: Readiness = shown.count < count ? .readable : []
            if !keys.isEmpty { wanted.insert(.writable) }
            try poll.modify(master, for: wanted, token: 0)
            _ = try poll.wait(100)
            if shown.count < count {
                var chunk = [UInt8](repeating: 0, count: min(4096, count - shown.count))
                let received = try Descriptors.read(master, into: &chunk) ?? 0
                shown += chunk.prefix(received)
            }
            let sent = unsafe keys.prefix(4096).withUnsafeBytes { bytes in
                unsafe write(master, bytes.baseAddress, bytes.count)
            }
            keys = keys.dropFirst(max(0, sent))
        }
        return shown
    }

    /// What was shown and not read.
    func leftOver() -> String {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while let count = (try? Descriptors.read(master, into: &chunk)).flatMap({ $0 }), count > 0 {
            text += chunk.prefix(count)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads for as long as the relay runs.
    func readUntilEnded() throws {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while finished.wait(timeout: .now()) == .timedOut {
            _ = try poll.wait(1)
            _ = try Descriptors.read(master, into: &chunk)
        }
        finished.signal()
    }
}

import Control
public import Linux
import Logging

/// Signals, and children that end.
extension Supervisor {
    /// A headless agent gets these, too. For any other they are not even kept: real-time signals
    /// queue, and the kernel looks through the whole queue for each signal that it hands out; the
    /// others are sent to a session's terminal, not to PID 1.
    public func passOnFurtherSignals() throws(SystemCallError) {
        // Blocked first: they end or stop a process.
        try signals.take(Self.handledSignals + Self.furtherSignals)
        for signal in Self.furtherSignals { obey(signal) }
    }

    private static let furtherSignals: [Signal] =
        Signal.realTime + [.pipe, .terminalInput, .terminalOutput]

    /// An exec out of a handler left every signal blocked.
    func unblockSignals() throws(SystemCallError) {
        let isHeadless = isHeadless
        if isHeadless { try passOnFurtherSignals() }
        try SignalDescriptor.unblockAll(
            but: Self.handledSignals + (isHeadless ? Self.furtherSignals : []))
    }

    func receiveSignals() {
        do throws(SystemCallError) {
            // A storm waits its turn: the descriptor stays readable.
            for _ in 0..<Self.turnLimit {
                guard let (signal, sender) = try signals.next() else { return }
                // Of a pipe that PID 1 itself wrote to and nobody reads.
                if signal == .pipe, sender == System.processID { continue }
                receive(signal)
            }
        } catch {
            log.error("\(error)")
        }
    }

    private func receive(_ signal: Signal) {
        // Dropped altogether: no request to stop either.
        if isHeadless, configuration.terms.replacement(for: signal) == nil { return }
        switch signal {
        case .child:
            if let gathersUntil, .now < gathersUntil { reapsAt = gathersUntil } else { reap() }
            continueStoppedAgent()
            lookForStops()
        case let signal where isForHeadlessAgent(signal): signalAgent(signal)
        case .terminate, .interrupt, .quit:
            stopRequest = stopRequest ?? signal
            log.info("\(signal): stopping")
            perform(shutdown.handle(.requested(signal), situation, at: .now))
        case .hangUp:
            // A daemon's signal to read its configuration again; an agent that has a use for it of
            // its own gets it as well (see `AgentRunner`).
            reloadPolicy(nil)
            signalAgent(signal)
        default:
            // In a session the others are its terminals'.
            let known: Set<Signal> = [.user1, .user2, .windowChange]
            if isHeadless || known.contains(signal) { signalAgent(signal) }
        }
    }

    func reap() {
        var count = 0
        while count < Self.turnLimit, let (process, status) = Processes.reap() {
            count += 1
            if awaited.contains(process) {
                ended[process] = status
            } else if process == facts.resolver.process {
                resolverEnded(status)
            } else if process == facts.session?.server {
                sessionEnded(status)
            } else if let place = services.group.place(of: process) {
                serviceEnded(place, process, status)
            } else if process == synchroniser {
                synchroniserEnded()
            } else if relayEnded(process, status) {
                continue
            }
            if let reading = policyReading, reading.process == process {
                policyReadingEnded(reading, status)
            }
            if let examination = comeback.examination, examination.process == process {
                examinationEnded(examination, status)
            }
            reporters.remove(process)
        }
        let now = Instant.now
        gathersUntil = count > 1 ? now + 1 : nil
        reapsAt = count == Self.turnLimit ? now : nil
        replaceStoppedResolver()
    }
}

import Control
public import Linux
import Logging

/// Signals, and children that end.
extension Supervisor {
    /// A headless agent gets real-time signals, too. For any other they are not even kept: they queue,
    /// and the kernel looks through the whole queue for each signal that it hands out.
    public func passOnRealTimeSignals() throws(SystemCallError) {
        // Blocked first: they end a process.
        try signals.take(Self.handledSignals + Signal.realTime)
        for signal in Signal.realTime { obey(signal) }
    }

    /// An exec out of a handler left every signal blocked.
    func unblockSignals() throws(SystemCallError) {
        let isHeadless = headlessAgent != nil
        if isHeadless { try passOnRealTimeSignals() }
        try SignalDescriptor.unblockAll(
            but: Self.handledSignals + (isHeadless ? Signal.realTime : []))
    }

    func receiveSignals() {
        do throws(SystemCallError) {
            // A storm waits its turn: the descriptor stays readable.
            for _ in 0..<Self.turnLimit {
                guard let (signal, _) = try signals.next() else { return }
                receive(signal)
            }
        } catch {
            log.error("\(error)")
        }
    }

    private func receive(_ signal: Signal) {
        // Dropped altogether: no request to stop either.
        if headlessAgent != nil, configuration.terms.replacement(for: signal) == nil { return }
        switch signal {
        case .child:
            if let gathersUntil, .now < gathersUntil { reapsAt = gathersUntil } else { reap() }
            continueStoppedAgent()
        case let signal where isForHeadlessAgent(signal): signalAgent(signal)
        case .terminate, .interrupt, .quit:
            stopRequest = stopRequest ?? signal
            keepState()
            log.info("\(signal): stopping")
            perform(shutdown.handle(.requested(signal), situation, at: .now))
        case .hangUp:
            // A daemon's signal to read its configuration again; an agent that has a use for it of
            // its own gets it as well (see `AgentRunner`).
            reloadPolicy(nil)
            signalAgent(signal)
        default:
            // A runner knows these, and would end for others.
            let known: Set<Signal> = [.user1, .user2, .windowChange, .terminalStop]
            if headlessAgent != nil || known.contains(signal) { signalAgent(signal) }
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

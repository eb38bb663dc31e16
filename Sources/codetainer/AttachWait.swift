import Control
import Linux
import Reaper
import Session
import SystemPackage

/// Waiting for a boot to end, with something to look at.
enum AttachWait {
    /// How long a boot may take before attaching is given up.
    private static let patience = Milliseconds.seconds(300)
    private static let pause: Milliseconds = 100
    private static let bootLog: FilePath = "/run/codetainer/boot.log"

    /// The report of a container whose boot is over; ends where there never will be one.
    ///
    /// - Parameter waits: otherwise one answer is enough, and nil when there is none.
    static func untilBooted(waits: Bool) -> StatusReport? {
        let variables = ProcessVectors().variables
        let style = BootProgress.Style(
            isTerminal: System.isTerminal(2), terminal: variables["TERM"],
            noColour: variables["NO_COLOR"])
        var progress = BootProgress(style: style, at: .now)
        // A signal must not leave the line of the spinner behind.
        let signals = try? SignalDescriptor(blocking: [.terminate, .interrupt, .hangUp, .quit])
        let deadline = Instant.now + patience
        var stage: String?
        func write(_ text: String) { Output.write(Array(text.utf8), to: 2) }
        func leave(_ reason: String, _ code: CInt) -> Never {
            write(progress.end())
            Terminal.fail(reason, code: code)
        }
        func leaveIfBootFailed() {
            guard let failure = (try? Files.text(bootLog)).flatMap({ BootFailureNote(parsing: $0) })
            else { return }
            let head = "boot failed in stage \(failure.stage): the container is stopping"
            leave(head + "\n" + failure.reasons, AttachCommand.Code.noSession)
        }
        func tick() {
            write(progress.tick(at: .now))
            guard let (signal, sender) = (try? signals?.next()).flatMap({ $0 }) else { return }
            guard sender == 1 else { leave("", 128 + signal.number) }
            // It has written why before it tells everybody to end.
            leaveIfBootFailed()
            leave("the container is stopping", AttachCommand.Code.noSession)
        }
        while Instant.now < deadline {
            let report = (try? ControlClient.ask(.status, meanwhile: tick)).flatMap {
                try? StatusReport(json: $0)
            }
            if let report {
                stage = report.boot.current
                write(progress.update(stages: report.boot.stages, current: stage, at: .now))
            } else if let reason = reasonAgainstWaiting {
                leave(reason, AttachCommand.Code.notHere)
            }
            if report != nil, stage == nil {
                write(progress.end())
                return report
            }
            leaveIfBootFailed()
            guard waits else { return report }
            Clock.pause(pause)
            tick()
        }
        leave(
            "boot has not ended in five minutes: stage \(stage ?? "filesystem-or-earlier") is stuck: see `docker logs`",
            AttachCommand.Code.noSession)
    }

    /// Why PID 1 will never answer; nil where it may.
    private static var reasonAgainstWaiting: String? {
        let name = ProcessStatus.of(1)?.name ?? "hidden"
        // The runtime's own process, in the moment before it becomes PID 1's program.
        guard !name.hasPrefix("runc:") else { return nil }
        guard name == "codetainer" else {
            return
                "codetainer is not running here: PID 1 is \(name): make `codetainer init` the image's ENTRYPOINT, and run this inside the container"
        }
        let words = ((try? Files.text("/proc/1/cmdline")) ?? "").split(separator: "\0").map {
            String($0)
        }
        guard words.count > 2, words[1] == "init",
            let options = try? InitOptions(
                parsing: Array(words.dropFirst(2)), variable: { _ in nil }),
            !options.isCage, 2 + options.commandStart < words.count
        else { return nil }
        return
            "there is no session here: PID 1 is an init for \(words[2 + options.commandStart]) and no more: use `docker attach`, or `docker exec -it CONTAINER sh`"
    }
}

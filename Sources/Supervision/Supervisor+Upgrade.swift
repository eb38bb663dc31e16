import Control
import Linux
import Logging
import SystemPackage

/// `codetainer upgrade`: another program for PID 1, without an end of the container.
extension Supervisor {
    /// Has a process of its own ask the program at `path` whether it can go on from the state: PID 1
    /// parses nothing of it, and executes the very file that was asked.
    func upgrade(to path: String, _ connection: CInt) {
        guard comeback.isReady, !shutdown.isStopping, comeback.examination == nil else {
            return reply(
                ControlReply.error(
                    "not now: boot, an upgrade or the end is under way: ask again in a moment"),
                to: connection)
        }
        do throws(SystemCallError) {
            let program = try ProgramFile.open(FilePath(path))
            if let defect = program.defect {
                return reply(ControlReply.error("\(path) \(defect)"), to: connection)
            }
            guard let handover = handover() else { return Descriptors.close(connection) }
            var writer = RecordWriter()
            handover.write(to: &writer)
            let state = try MemoryFile.sealed("state", holding: writer.octets)
            let process = try Processes.spawn(
                SpawnRequest(
                    System.ownExecutable, ["codetainer", "examine", path],
                    descriptors: [
                        (connection, 3), (program.file.raw, 4), (state.raw, 5),
                    ]))
            comeback.examination = Comeback.Examination(
                process: process, program: program.release(), connection: connection)
        } catch {
            reply(ControlReply.error("cannot upgrade: \(error)"), to: connection)
        }
    }

    /// Goes on as the program, which says so on the connection; why not the examining process has said
    /// there.
    func examinationEnded(_ examination: Comeback.Examination, _ status: ExitStatus) {
        comeback.examination = nil
        guard status.isSuccess, !shutdown.isStopping else {
            log.warning("upgrade: refused: nothing was changed")
            Descriptors.close(examination.program)
            return Descriptors.close(examination.connection)
        }
        comeback.upgradeConnection = examination.connection
        do throws(SystemCallError) {
            try keepStateOrThrow()
            try Continuation.passOn(to: examination.program)
        } catch {
            comeback.upgradeConnection = nil
            keepState()
            Descriptors.close(examination.program)
            reply(ControlReply.error("cannot upgrade: \(error)"), to: examination.connection)
        }
    }
}

import Boot
import Linux
import SystemPackage

/// `codetainer sync PATH…`: writes what file systems hold back, for a PID 1 that does not wait for it
/// longer than it wants to.
enum SyncCommand {
    static func run(_ words: [String]) -> Never {
        var failed = false
        for path in words {
            do throws(SystemCallError) {
                try Files.synchronise(FilePath(path))
            } catch {
                Output.write(Array("codetainer: sync: \(error)\n".utf8), to: 2)
                failed = true
            }
        }
        System.exit(failed ? ExitCode.system.rawValue : 0)
    }
}

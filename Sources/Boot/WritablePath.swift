import SystemPackage

/// A path that somebody asks to have writable.
enum WritablePath {
    /// What nobody but root may write, whatever is asked: the program, the policy, what boot itself
    /// puts there, and who is who.
    private static let kept: [FilePath] = [
        "/run/codetainer", "/run/user", "/etc/passwd", "/etc/codetainer", "/opt/network",
    ]
    private static let kernels: [FilePath] = ["/proc", "/sys", "/dev"]

    /// Why `path` cannot be made writable, and what to do; nil when it can.
    ///
    /// - Parameter program: this one.
    static func defect(of path: String, program: FilePath) -> String? {
        let wanted = FilePath(path)
        guard wanted.isAbsolute, wanted == wanted.lexicallyNormalized() else {
            return "must be an absolute path without . and .."
        }
        if kernels.contains(where: wanted.starts(with:)) { return "is the kernel's: leave it out" }
        if let kept = ([program] + kept).first(where: {
            $0.starts(with: wanted) || wanted.starts(with: $0)
        }) {
            return "holds or is \(kept), which stays root's: name directories beside it"
        }
        return nil
    }
}

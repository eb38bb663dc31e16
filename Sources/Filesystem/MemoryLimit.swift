import Linux
import SystemPackage

/// What a container may take of memory, the files on its tmpfs included.
public enum MemoryLimit {
    /// Where control groups of version 2 and 1 show it, in the container's own view.
    private static let files: [FilePath] = [
        "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ]

    /// Octets; nil where there is no limit, or none that can be seen.
    ///
    /// - SeeAlso: cgroups(7), and the kernel's Documentation/admin-guide/cgroup-v2.rst
    public static var current: Int? {
        for file in files {
            if let text = try? Files.text(file, limit: 64) { return parse(text) }
        }
        return nil
    }

    /// `max`, or a number; without a limit version 1 has one near 2⁶³.
    public static func parse(_ text: String) -> Int? {
        guard let line = text.split(separator: "\n").first, let octets = Int(line),
            (0..<1 << 60).contains(octets)
        else { return nil }
        return octets
    }
}

/// What /proc/self/mountinfo says in containers (proc_pid_mountinfo(5)).
enum MountInfo {
    /// `docker run`
    static let docker = """
        650 600 0:60 / / rw,relatime master:200 - overlay overlay rw,lowerdir=/l/A:/l/B,upperdir=/u,workdir=/w
        651 650 0:63 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
        652 650 0:64 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
        653 652 0:65 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620,ptmxmode=666
        654 650 0:66 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
        655 654 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
        656 652 0:62 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw
        657 652 0:67 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k
        658 650 8:1 /docker/c/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/sda1 rw
        659 650 8:1 /docker/c/hostname /etc/hostname rw,relatime - ext4 /dev/sda1 rw
        660 650 8:1 /docker/c/hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw
        661 651 0:63 /bus /proc/bus ro,nosuid,nodev,noexec,relatime - proc proc rw
        662 651 0:64 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
        663 651 0:68 / /proc/acpi ro,relatime - tmpfs tmpfs ro

        """

    /// `docker run --read-only --tmpfs /run --tmpfs /workspace`
    static let dockerReadOnlyWithTmpfs =
        docker.replacing("/ / rw,relatime", "/ / ro,relatime") + """
            664 650 0:69 / /run rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw
            665 650 0:70 / /workspace rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw

            """

    /// `docker run --privileged`
    static let privileged =
        docker
        .replacing("/sys ro,nosuid", "/sys rw,nosuid")
        .replacing("sysfs sysfs ro", "sysfs sysfs rw")
        .replacing("/sys/fs/cgroup ro,nosuid", "/sys/fs/cgroup rw,nosuid")

    /// `docker run -v volume:PATH`
    static func volume(at path: String, options: String = "rw,relatime") -> String {
        "700 650 8:1 /docker/volumes/v/_data \(path) \(options) master:1 - ext4 /dev/sda1 rw\n"
    }
}

extension String {
    /// The text with one line's part replaced, which must be there.
    func replacing(_ part: String, _ other: String) -> String {
        guard let range = ranges(of: part).first else { preconditionFailure("no \(part)") }
        return replacingCharacters(in: range, with: other)
    }

    private func ranges(of part: String) -> [Range<Index>] {
        indices.lazy.filter { self[$0...].hasPrefix(part) }
            .map { $0..<self.index($0, offsetBy: part.count) }.prefix(1).map { $0 }
    }

    private func replacingCharacters(in range: Range<Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}

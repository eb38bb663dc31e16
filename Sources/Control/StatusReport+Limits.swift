extension StatusReport {
    /// How much the container uses of something that may be limited.
    public struct Limit: Codable, Equatable, Sendable {
        /// `memory`: octets, the files on every tmpfs included; `cpu`: thousandths of a processor,
        /// used on average; `pids`: processes and threads; `tmpfs`: octets.
        public let name: String
        /// Where the tmpfs is mounted; absent for what is not one.
        public let path: String?
        public let used: UInt64
        /// Absent where no limit is in force.
        public let limit: UInt64?

        public static let memory = "memory"
        public static let processors = "cpu"
        public static let processes = "pids"
        public static let tmpfs = "tmpfs"

        public init(name: String, path: String? = nil, used: UInt64, limit: UInt64?) {
            (self.name, self.path, self.used, self.limit) = (name, path, used, limit)
        }
    }
}

import Linux

/// What PID 1 holds so that it can go on as another program image at any instant.
struct Comeback {
    /// A program that PID 1 may become, while a process of its own asks it whether it can.
    struct Examination {
        let process: CInt
        let program: CInt
        /// Who asked for the upgrade.
        let connection: CInt
    }

    /// Whether there is a state to come back to: boot is over.
    var isReady = false
    /// The state that was kept last, so that an equal one is not kept again.
    var kept: [UInt8]?
    /// The credentials' memory files, in the broker's order.
    var credentialFiles: [CInt] = []
    /// The agent's runner; nil where the kernel has no SO_PEERPIDFD.
    var runnerHandle: CInt?
    var examination: Examination?
    var upgradeConnection: CInt?
}

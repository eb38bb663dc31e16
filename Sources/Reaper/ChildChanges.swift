import Linux

/// What becomes of init's children: of all of them, or, where the kernel reaps orphans by itself, of
/// the command alone.
struct ChildChanges: ~Copyable {
    private let command: CInt
    private let kernel: KernelReaping?
    /// What had ended before the kernel was told has been reaped.
    private var isSwept = false
    private var isOver = false

    /// - Parameter all: whether every orphan's end is wanted.
    init(of command: CInt, all: Bool) {
        self.command = command
        kernel = all ? nil : KernelReaping(minding: command)
    }

    /// The next one, or nil when there is none until the next SIGCHLD.
    mutating func next() -> Processes.Change? {
        var change: Processes.Change?
        if kernel == nil || !isSwept { change = Processes.nextChange() }
        if change == nil {
            isSwept = true
            if !isOver { change = kernel?.nextChange() }
        }
        if case .ended(command, _) = change { isOver = true }
        return change
    }
}

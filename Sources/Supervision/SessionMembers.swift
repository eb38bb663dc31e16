import Linux

/// Which processes are the agent's session: all of its uid, but for services and what an operator
/// started beside it. Pure.
enum SessionMembers {
    /// - Parameters:
    ///   - roots: processes that are none of it, with all that descends from them.
    static func select(_ all: [ProcessEntry], user: UInt32, apartFrom roots: Set<CInt>) -> [CInt] {
        let parents = Dictionary(
            all.map { ($0.process, $0.parent) }, uniquingKeysWith: { first, _ in first })
        func isApart(_ process: CInt) -> Bool {
            var process = process
            // A process has fewer ancestors than there are processes.
            for _ in 0...all.count {
                if roots.contains(process) { return true }
                guard process != 1, let parent = parents[process] else { return false }
                // One that entered the container has its parent outside: docker exec.
                if parent == 0 { return true }
                process = parent
            }
            return true
        }
        return all.filter { $0.process != 1 && $0.user == user && !isApart($0.process) }
            .map(\.process)
    }
}

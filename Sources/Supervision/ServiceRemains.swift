import Linux

/// What a service has left outside of its process group, and would be in the way of its next start:
/// it may hold its port, and answer there in its place. Pure.
///
/// Its ancestry says nothing any more: who has lost its parent is PID 1's child.
enum ServiceRemains {
    /// - Parameters:
    ///   - session: the service's process, which led its session.
    ///   - user: its uid, where nobody else has that.
    ///   - roots: PID 1's own processes, which may have that uid for a moment.
    static func select(
        _ all: [ProcessEntry], session: CInt, user: UInt32?, apartFrom roots: Set<CInt>
    ) -> [CInt] {
        let ofUser = user.map { SessionMembers.select(all, user: $0, apartFrom: roots) } ?? []
        let ofSession = all.filter { $0.process != 1 && $0.session == session }.map(\.process)
        return ofUser + ofSession.filter { !ofUser.contains($0) }
    }

    /// The uid of the service at `place`, if it is no other's.
    static func ownUser(of place: Int, among users: [UInt32?], besides others: Set<UInt32>)
        -> UInt32?
    {
        guard let user = users[place], user != 0, !others.contains(user),
            users.filter({ $0 == user }).count == 1
        else { return nil }
        return user
    }
}

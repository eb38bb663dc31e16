public import Linux

extension Shutdown {
    /// How long ending may take; each part is shortened as far as the total needs it.
    public struct Grace: Equatable, Sendable {
        public let total: Milliseconds
        /// The agent's, from its signal to SIGKILL; nil for all that the rest leaves.
        public let agent: Milliseconds?
        /// What the agent has left, and what is left in the end.
        let others: Milliseconds
        /// What SIGKILL may take.
        let killed: Milliseconds
        let sync: Milliseconds

        public init(total: Milliseconds = 8_000, agent: Milliseconds? = nil) {
            (self.total, self.agent) = (total, agent)
            others = min(400, total.scaled(1, 8))
            killed = min(200, total.scaled(1, 16))
            sync = min(500, total.scaled(1, 8))
        }

        /// From the services' end to PID 1's.
        var tail: Milliseconds { others + killed + sync }

        func wave(_ services: [Situation.Service]) -> Milliseconds {
            (services.map(\.grace).max() ?? 0) + killed
        }

        /// The agent's grace beside services with these graces.
        func agent(beside waves: [[Situation.Service]]) -> Milliseconds {
            let available = total - (others + killed + tail)
            let services = waves.map(wave).reduce(0) { $0 + $1 }
            guard let agent else {
                return max(available - services, available.scaled(1, 2))
            }
            let needed = agent + services
            return needed <= available
                ? agent : agent.scaled(available.nanoseconds, needed.nanoseconds)
        }

        /// The first wave's grace when so much time is left for all of them.
        func next(of waves: [[Situation.Service]], in time: Milliseconds) -> Scale {
            let needed = waves.map(wave).reduce(0) { $0 + $1 }
            return needed <= time ? Scale() : Scale(of: max(0, time), to: needed)
        }
    }

    /// By how much graces are shortened.
    struct Scale: Equatable {
        private var part: Int64 = 1
        private var whole: Int64 = 1

        init() {}
        init(of part: Milliseconds, to whole: Milliseconds) {
            (self.part, self.whole) = (part.nanoseconds, max(1, whole.nanoseconds))
        }

        func callAsFunction(_ grace: Milliseconds) -> Milliseconds { grace.scaled(part, whole) }
    }
}

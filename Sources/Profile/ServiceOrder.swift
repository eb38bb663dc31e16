/// What is wrong with the order that services ask for; pure.
struct ServiceOrder {
    struct Mistake: Equatable {
        /// The service's place in the profile, and its key.
        let service: Int
        let key: String
        let reason: String
    }

    /// More are a mistake of whoever made the profile.
    static let most = 32

    let services: [AgentProfile.Service]
    /// By name.
    private let place: [String: Int]

    init(services: [AgentProfile.Service]) {
        self.services = services
        place = Dictionary(
            services.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Everything that is wrong: names that are unknown, and services that wait for themselves,
    /// alone or in a circle.
    var mistakes: [Mistake] {
        guard services.count <= Self.most else {
            return [
                Mistake(
                    service: Self.most, key: "name",
                    reason:
                        "there are \(services.count) steps and services: \(Self.most) are the most: leave some out"
                )
            ]
        }
        var mistakes: [Mistake] = []
        for (index, service) in services.enumerated() {
            for name in service.after {
                if name == service.name {
                    mistakes.append(
                        wrong(
                            index, "service.after \"\(name)\" is the service itself: leave it out"))
                } else if place[name] == nil {
                    let known = services.map(\.name).filter { $0 != service.name }
                    mistakes.append(
                        wrong(
                            index,
                            "service.after \"\(name)\" is no service: "
                                + (known.isEmpty
                                    ? "there is no other: leave it out"
                                    : "use one of \(known.joined(separator: ", "))")))
                }
            }
        }
        return mistakes + circles
    }

    private func wrong(_ index: Int, _ reason: String) -> Mistake {
        Mistake(service: index, key: "after", reason: reason)
    }

    /// One mistake for each circle of services that wait for each other.
    private var circles: [Mistake] {
        var told: Set<Int> = []
        var mistakes: [Mistake] = []
        for index in services.indices where !told.contains(index) {
            guard let circle = circle(from: index), circle.count > 1,
                told.isDisjoint(with: circle)
            else { continue }
            told.formUnion(circle)
            let names = (circle + [index]).map { services[$0].name }
            mistakes.append(
                wrong(
                    index,
                    "services wait for each other: \(names.joined(separator: " after ")): leave one `after` out"
                ))
        }
        return mistakes
    }

    /// The services on a way from `start` back to it; each is visited once, so this ends.
    private func circle(from start: Int) -> [Int]? {
        var visited: Set<Int> = []
        func way(_ index: Int) -> [Int]? {
            for next in services[index].after.compactMap({ place[$0] }) where next != index {
                if next == start { return [index] }
                guard visited.insert(next).inserted, let rest = way(next) else { continue }
                return [index] + rest
            }
            return nil
        }
        return way(start)
    }
}

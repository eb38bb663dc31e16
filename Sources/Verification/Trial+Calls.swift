import Confinement
import Linux
import SystemPackage

/// A system call by name, with arguments that do no harm where it is not refused: what it answers
/// tells how far it came. A filter refuses a call before the kernel looks at its arguments, so EPERM
/// for an address where there is nothing is the filter's.
struct Call: Sendable {
    let name: String
    let arguments: [RawCall.Argument]
    /// How it is told from its siblings.
    let label: String?

    init(_ name: String, _ arguments: RawCall.Argument..., as label: String? = nil) {
        (self.name, self.arguments, self.label) = (name, arguments, label)
    }

    /// No descriptor, and no process: -1.
    static let none = RawCall.Argument.word(.max)
    /// An address where there is nothing.
    static let nowhere: RawCall.Argument = 1
}

extension Trial {
    /// Calls in a child that nothing else depends on.
    static func calls(_ calls: [Call]) -> Trial {
        Trial(calls.map { $0.label ?? $0.name }.unique.joined(separator: ", ")) {
            _ throws(SystemCallError) in try Self.observe(calls)
        }
    }

    /// The same, with one answer in place of success.
    func expecting(_ answer: Answer) -> Trial {
        Trial(what) { scene throws(SystemCallError) in
            try run(scene).map { $0.answer == answer ? Observation($0.what, .done) : $0 }
        }
    }

    static func observe(_ calls: [Call], copiesMemory: Bool = false) throws(SystemCallError)
        -> [Observation]
    {
        // A call that this architecture does not have cannot be made.
        let known = calls.compactMap { call in
            SystemCallName.number(of: call.name).map { (call, RawCall(number: $0, call.arguments)) }
        }
        let outcome = try RawCall.attempt(known.map(\.1), copiesMemory: copiesMemory)
        var observed = zip(known, outcome.errors).map { known, error in
            Observation(known.0.label ?? known.0.name, error.map { .refused($0) } ?? .done)
        }
        if observed.count < known.count {
            let answer: Answer =
                if case .signalled(let signal) = outcome.status { .ended(signal) } else {
                    .said("the child ended")
                }
            let call = known[observed.count].0
            observed.append(Observation(call.label ?? call.name, answer))
        }
        return observed
    }

    /// One act after the other, until nobody answers: that silence is a breach already, and the rest
    /// would be waited for in vain.
    static func each<Target>(_ targets: [Target], _ act: (Target) -> Observation) -> [Observation] {
        var observed: [Observation] = []
        for target in targets {
            observed.append(act(target))
            if observed.last?.answer == .refused(.timedOut) { break }
        }
        return observed
    }

    /// What a body finds out; an error of a system call is an answer too.
    static func observe(_ what: String, _ body: () throws(SystemCallError) -> Answer) -> Observation
    {
        do throws(SystemCallError) {
            return Observation(what, try body())
        } catch {
            return Observation(what, .refused(error.cause))
        }
    }
}

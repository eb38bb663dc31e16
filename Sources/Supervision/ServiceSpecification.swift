import Confinement
import Control
public import Linux

/// A service of the profile: everything that starting, judging and stopping it takes.
public struct ServiceSpecification: Equatable, Sendable {
    /// How it is known that it does its work.
    public enum Readiness: Equatable, Sendable {
        case none
        /// A newline on this descriptor.
        case descriptor(CInt)
        /// A connection to this TCP port of the loopback.
        case port(UInt16)
        /// Its end with code 0.
        case exit
    }

    public enum Restart: UInt8, Sendable {
        case never
        case onFailure
        case always
    }

    public var name: String
    /// The program and its arguments.
    public var command: [String]
    /// The options of `codetainer confine` that make its cage.
    public var cage: [String]
    /// `NAME=value` each.
    public var environment: [String]
    public var readiness: Readiness
    public var readyWithin: Milliseconds
    /// Once it is ready: within this time it must show each time that it works, as it shows that it
    /// is ready; nil when it need not.
    public var heartbeat: Milliseconds?
    public var restart: Restart
    public var stopSignal: Signal
    public var stopGrace: Milliseconds
    public var isRequired: Bool
    /// Places of the services that must be ready before.
    public var after: [Int]
    /// Descriptors of PID 1's that it is given, from 3 on.
    public var inherited: [CInt] = []

    public init(
        name: String, command: [String], cage: [String], environment: [String] = [],
        readiness: Readiness = .none, readyWithin: Milliseconds = 30_000,
        heartbeat: Milliseconds? = nil, restart: Restart = .onFailure,
        stopSignal: Signal = .terminate, stopGrace: Milliseconds = 2_000, isRequired: Bool = true,
        after: [Int] = []
    ) {
        (self.name, self.command, self.cage) = (name, command, cage)
        self.environment = environment
        (self.readiness, self.readyWithin, self.heartbeat) = (readiness, readyWithin, heartbeat)
        (self.restart, self.stopSignal, self.stopGrace) = (restart, stopSignal, stopGrace)
        (self.isRequired, self.after) = (isRequired, after)
    }

    /// Whom it runs as; nil where its cage does not say.
    var user: UInt32? { (try? Cage.parse(cage + command))?.cage.identity?.user }

    /// Its start, in its cage.
    ///
    /// - Parameters:
    ///   - output: what its standard output and error go to.
    ///   - notification: the writing end of a pipe, where it says on a descriptor that it is ready.
    func spawnRequest(output: CInt, notification: CInt?) -> SpawnRequest {
        var descriptors: [(source: CInt, target: CInt)] = [(output, 1), (output, 2)]
        if let notification, case .descriptor(let number) = readiness {
            descriptors.append((notification, number))
        }
        for (place, descriptor) in inherited.enumerated() {
            descriptors.append((descriptor, CInt(3 + place)))
        }
        return SpawnRequest(
            System.ownExecutable, ["codetainer", "confine"] + cage + command,
            environment: environment, descriptors: descriptors)
    }
}

extension ServiceSpecification: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(name)
        writer.write(command)
        writer.write(cage)
        writer.write(environment)
        switch readiness {
        case .none: writer.write(0 as UInt32)
        case .exit: writer.write(1 as UInt32)
        case .descriptor(let number): writer.write(2 << 16 | UInt32(number))
        case .port(let port): writer.write(3 << 16 | UInt32(port))
        }
        writer.write(readyWithin.nanoseconds)
        writer.write(heartbeat) { $0.write($1.nanoseconds) }
        writer.write(restart.rawValue)
        writer.write(stopSignal.number)
        writer.write(stopGrace.nanoseconds)
        writer.write(isRequired)
        writer.write(after) { $0.write($1) }
        writer.write(inherited) { $0.write($1) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        name = try reader.text()
        command = try reader.texts()
        cage = try reader.texts()
        environment = try reader.texts()
        let word = try reader.integer(UInt32.self)
        switch (word >> 16, word & 0xffff) {
        case (0, 0): readiness = .none
        case (0, 1): readiness = .exit
        case (2, let number): readiness = .descriptor(CInt(number))
        case (3, let port): readiness = .port(UInt16(port))
        default: throw .unknownCase(UInt8(truncatingIfNeeded: word >> 16))
        }
        readyWithin = Milliseconds(nanoseconds: try reader.integer())
        heartbeat = try reader.optional { reader throws(RecordError) in
            Milliseconds(nanoseconds: try reader.integer())
        }
        let policy = try reader.integer(UInt8.self)
        guard let policy = Restart(rawValue: policy) else { throw .unknownCase(policy) }
        restart = policy
        stopSignal = Signal(try reader.integer())
        stopGrace = Milliseconds(nanoseconds: try reader.integer())
        isRequired = try reader.bool()
        after = try reader.list { reader throws(RecordError) in try reader.integer() }
        inherited = try reader.list { reader throws(RecordError) in try reader.integer() }
    }
}

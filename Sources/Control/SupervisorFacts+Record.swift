extension SupervisorFacts: Record {
    /// Raised whenever the form changes.
    static let format: UInt32 = 6

    public func write(to writer: inout RecordWriter) {
        writer.write(Self.format)
        boot.write(to: &writer)
        resolver.write(to: &writer)
        writer.write(session) { $1.write(to: &$0) }
        cage.write(to: &writer)
        writer.write(egress.rules)
        writer.write(egress.published) { writer, ports in
            writer.write(ports.transport)
            writer.write(ports.first)
            writer.write(ports.last)
        }
        writer.write(egress.audits)
        writer.write(egress.refusedGrants)
        writer.write(egress.evictedGrants)
        writer.write(credentials.hosts) { writer, host in
            writer.write(host.name)
            writer.write(host.served)
        }
        writer.write(credentials.refused)
        comeback.write(to: &writer)
        writer.write(healthPort) { $0.write($1) }
        writer.write(services)
        writer.write(metricsPort) { $0.write($1) }
        writer.write(lease) { $1.write(to: &$0) }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        let format = try reader.integer(UInt32.self)
        guard format == Self.format else { throw .otherFormat(format) }
        self.init()
        boot = try BootFacts(from: &reader)
        resolver = try ResolverFacts(from: &reader)
        session = try reader.optional { reader throws(RecordError) in
            try SessionFacts(from: &reader)
        }
        cage = try CageFacts(from: &reader)
        egress.rules = try reader.integer()
        egress.published = try reader.list { reader throws(RecordError) in
            EgressFacts.Published(
                transport: try reader.integer(), first: try reader.integer(),
                last: try reader.integer())
        }
        egress.audits = try reader.bool()
        egress.refusedGrants = try reader.integer()
        egress.evictedGrants = try reader.integer()
        credentials.hosts = try reader.list { reader throws(RecordError) in
            CredentialFacts.Host(name: try reader.text(), served: try reader.integer())
        }
        credentials.refused = try reader.integer()
        comeback = try ComebackFacts(from: &reader)
        healthPort = try reader.optional { reader throws(RecordError) in try reader.integer() }
        services = try reader.records()
        metricsPort = try reader.optional { reader throws(RecordError) in try reader.integer() }
        lease = try reader.optional { reader throws(RecordError) in
            try LeaseFacts(from: &reader)
        }
    }
}

extension ComebackFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(traps)
        writer.write(lastTrap)
        writer.write(upgrades)
        writer.write(stalls)
        writer.write(lastStall)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        traps = try reader.integer()
        lastTrap = try reader.text()
        upgrades = try reader.integer()
        stalls = try reader.integer()
        lastStall = try reader.text()
    }
}

extension BootFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(profile)
        writer.write(started)
        writer.write(stages) { writer, stage in
            writer.write(stage.name)
            writer.write(stage.nanoseconds)
        }
        writer.write(current) { $0.write($1) }
        writer.write(warnings)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        profile = try reader.text()
        started = try reader.integer()
        stages = try reader.list { reader throws(RecordError) in
            Stage(name: try reader.text(), nanoseconds: try reader.integer())
        }
        current = try reader.optional { reader throws(RecordError) in try reader.text() }
        warnings = try reader.texts()
    }
}

extension ResolverFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(process)
        writer.write(restarts)
        writer.write(user)
        writer.write(since)
        writer.write(upstreams)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        process = try reader.integer()
        restarts = try reader.integer()
        user = try reader.integer()
        since = try reader.integer()
        upstreams = try reader.texts()
    }
}

extension ServiceFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(name)
        writer.write(state)
        writer.write(process)
        writer.write(restarts)
        writer.write(since)
        writer.write(isRequired)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(
            name: try reader.text(), state: try reader.integer(), process: try reader.integer(),
            restarts: try reader.integer(), since: try reader.integer(),
            isRequired: try reader.bool())
    }
}

extension SessionFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(name)
        writer.write(command)
        writer.write(server)
        writer.write(kind.rawValue)
        writer.write(runner)
        writer.write(exitCode) { $0.write($1) }
        writer.write(since)
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init(
            name: try reader.text(), command: try reader.texts(), server: try reader.integer(),
            since: 0)
        let kind = try reader.integer(UInt8.self)
        guard let kind = Kind(rawValue: kind) else { throw .unknownCase(kind) }
        self.kind = kind
        runner = try reader.integer()
        exitCode = try reader.optional { reader throws(RecordError) in try reader.integer() }
        since = try reader.integer()
    }
}

extension CageFacts: Record {
    public func write(to writer: inout RecordWriter) {
        writer.write(agentUser)
        writer.write(agentGroup)
        writer.write(agentName)
        writer.write(writablePaths)
        writer.write(keptCapabilities)
        writer.write(options)
        writer.write(landlock)
        writer.write(allowsUserNamespaces)
        writer.write(missing) { writer, missing in
            writer.write(missing.layer)
            writer.write(missing.reason)
        }
    }

    public init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        agentUser = try reader.integer()
        agentGroup = try reader.integer()
        agentName = try reader.text()
        writablePaths = try reader.texts()
        keptCapabilities = try reader.integer()
        options = try reader.texts()
        landlock = try reader.text()
        allowsUserNamespaces = try reader.bool()
        missing = try reader.list { reader throws(RecordError) in
            Missing(layer: try reader.text(), reason: try reader.text())
        }
    }
}

/// What reads octets that somebody else wrote. libFuzzer calls one of them for each input; a trap,
/// a read out of bounds and a broken promise end the program, and the input is a finding.
enum FuzzTarget: String {
    /// DNS messages, as clients and upstreams send them.
    case message
    /// DNS over TCP: messages behind their lengths, in pieces of any size.
    case framing
    /// The allowlist's text.
    case allowlist
    /// The grant channel, as PID 1 reads it.
    case grants
    /// What the kernel answers, and the packets it copies for the log.
    case netlink
    /// A profile's text.
    case toml
    /// What a licence server answers, and the channel of the lease service.
    case licence
    case lease

    func run(_ octets: Span<UInt8>) {
        switch self {
        case .message: MessageFuzzing.run(octets)
        case .framing: FramingFuzzing.run(octets)
        case .allowlist: AllowlistFuzzing.run(octets)
        case .grants: GrantFuzzing.run(octets)
        case .netlink: NetlinkFuzzing.run(octets)
        case .toml: TOMLFuzzing.run(octets)
        case .licence: LeaseFuzzing.answer(octets)
        case .lease: LeaseFuzzing.record(octets)
        }
    }

    /// The one that the program's name names: `scripts/fuzz` links the program under each.
    static let chosen: FuzzTarget = {
        let name = CommandLine.arguments[0].split(separator: "/").last.map(String.init) ?? ""
        guard let target = FuzzTarget(rawValue: name) else { fatalError("no target \(name)") }
        return target
    }()
}

/// - SeeAlso: https://llvm.org/docs/LibFuzzer.html
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ octets: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let buffer = unsafe UnsafeBufferPointer(start: octets, count: count)
    FuzzTarget.chosen.run(unsafe buffer.span)
    return 0
}

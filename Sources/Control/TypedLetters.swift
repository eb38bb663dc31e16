/// The letters among what a terminal sends: without its keys that have none, and its own answers, which
/// begin with an escape (ECMA-48 §5.3 and §5.6, ctlseqs of xterm). Pure.
public struct TypedLetters {
    private enum State {
        case letters
        case escape
        /// In a sequence with parameters, up to its final octet.
        case sequence
        /// In a text of the terminal's own, up to its terminator.
        case text
        case textEscape
    }

    private var state = State.letters

    public init() {}

    /// - Parameter octets: those that came together, after those of the last call: an escape that came
    ///   last is the key itself.
    public mutating func take(_ octets: some Sequence<UInt8>) -> [UInt8] {
        if state == .escape { state = .letters }
        var letters: [UInt8] = []
        for octet in octets {
            switch (state, octet) {
            case (.letters, 0x1b): state = .escape
            case (.letters, _): letters.append(octet)
            // CSI, and SS3, which one octet follows.
            case (.escape, UInt8(ascii: "[")), (.escape, UInt8(ascii: "O")): state = .sequence
            // DCS, SOS, OSC, PM, APC.
            case (.escape, UInt8(ascii: "P")), (.escape, UInt8(ascii: "X")),
                (.escape, UInt8(ascii: "]")), (.escape, UInt8(ascii: "^")),
                (.escape, UInt8(ascii: "_")):
                state = .text
            case (.escape, 0x1b), (.sequence, 0x1b): state = .escape
            // With Alt.
            case (.escape, _): state = .letters
            case (.sequence, 0x40...0x7e): state = .letters
            case (.sequence, _): break
            case (.text, 0x07): state = .letters
            case (.text, 0x1b): state = .textEscape
            case (.text, _): break
            case (.textEscape, UInt8(ascii: "\\")): state = .letters
            case (.textEscape, _): state = .text
            }
        }
        return letters
    }
}

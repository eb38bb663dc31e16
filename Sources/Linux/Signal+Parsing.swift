import Glibc

extension Signal {
    /// The highest number there is (signal(7), "Real-time signals").
    public static let last: CInt = 64

    /// A number from 1 to 64, or a name in either case, with or without SIG: TERM, SIGRTMIN+2,
    /// RTMAX-1.
    public init?(parsing text: String) {
        if let number = CInt(text) {
            guard (1...Self.last).contains(number) else { return nil }
            self.init(number)
            return
        }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if let number = Self.realTime(name) {
            self.init(number)
            return
        }
        guard let number = Self.number(named: "SIG" + name) else { return nil }
        self.init(number)
    }

    private static func realTime(_ name: String) -> CInt? {
        // What is left of the range when libc has taken its own two.
        let (least, greatest): (CInt, CInt) = (34, last)
        if name == "RTMIN" { return least }
        if name == "RTMAX" { return greatest }
        guard let offset = CInt(name.dropFirst(6)), (0...greatest - least).contains(offset) else {
            return nil
        }
        if name.hasPrefix("RTMIN+") { return least + offset }
        if name.hasPrefix("RTMAX-") { return greatest - offset }
        return nil
    }
}

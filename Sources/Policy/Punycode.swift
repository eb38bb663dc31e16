/// The encoder of RFC 3492, with the parameters of its section 5.
enum Punycode {
    private static let base = 36
    private static let leastThreshold = 1
    private static let greatestThreshold = 26
    private static let skew = 38
    private static let damping = 700
    private static let firstBias = 72
    private static let firstCodePoint = 0x80

    /// Appends the encoding of a label, without the `xn--` before it (RFC 3492 §6.3).
    ///
    /// At most 63 scalars: then no number here comes near the limit of `Int`.
    static func append(_ label: [Unicode.Scalar], to output: inout [UInt8]) {
        let codePoints = label.map { Int($0.value) }
        let basic = codePoints.filter { $0 < firstCodePoint }
        output += basic.map { UInt8($0) }
        if !basic.isEmpty { output.append(ASCII.hyphen) }

        var codePoint = firstCodePoint
        var delta = 0
        var bias = firstBias
        var handled = basic.count
        // Each turn handles the least code point not handled yet; there is one while any is left.
        while let next = codePoints.filter({ $0 >= codePoint }).min() {
            delta += (next - codePoint) * (handled + 1)
            codePoint = next
            for other in codePoints {
                if other < codePoint { delta += 1 }
                guard other == codePoint else { continue }
                appendVariableLength(delta, bias: bias, to: &output)
                bias = adapt(delta, handled: handled + 1, isFirst: handled == basic.count)
                delta = 0
                handled += 1
            }
            delta += 1
            codePoint += 1
        }
    }

    /// RFC 3492 §3.3, "Generalized variable-length integers".
    private static func appendVariableLength(_ delta: Int, bias: Int, to output: inout [UInt8]) {
        var rest = delta
        var position = base
        while true {
            let threshold = min(max(position - bias, leastThreshold), greatestThreshold)
            guard rest >= threshold else { break }
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            // `rest` shrinks by a factor of at least 10, so this ends.
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(digit(rest))
    }

    /// RFC 3492 §6.1, "Bias adaptation function".
    private static func adapt(_ delta: Int, handled: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / damping : delta / 2
        rest += rest / handled
        var bias = 0
        while rest > (base - leastThreshold) * greatestThreshold / 2 {
            rest /= base - leastThreshold
            bias += base
        }
        return bias + (base - leastThreshold + 1) * rest / (rest + skew)
    }

    /// 0 to 25 are `a` to `z`, 26 to 35 are `0` to `9`.
    private static func digit(_ value: Int) -> UInt8 {
        UInt8(value < 26 ? value + 97 : value - 26 + 48)
    }
}

import CLinux

/// The kernel's random numbers, fetched 256 octets at a time (getrandom(2)).
///
/// Unpredictable to anyone but this process, which is what query identifiers need.
public struct KernelRandom: RandomNumberGenerator {
    private var numbers = [UInt64](repeating: 0, count: 32)
    private var used = 32

    public init() {}

    public mutating func next() -> UInt64 {
        if used == numbers.count {
            // Up to 256 octets come in one piece, signals or not. Without them, nothing is safe.
            let count = unsafe numbers.withUnsafeMutableBytes {
                unsafe codetainer_random($0.baseAddress, $0.count)
            }
            precondition(count == 256, "getrandom gave nothing")
            used = 0
        }
        defer {
            numbers[used] = 0
            used += 1
        }
        return numbers[used]
    }
}

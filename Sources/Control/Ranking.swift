/// An order by number, without a sort of its own for every kind of thing.
public enum Ranking {
    /// The places of `keys`, the greatest first; equal ones in the order they came in.
    @inline(never)
    public static func descending(_ keys: [UInt64]) -> [Int] {
        keys.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] > keys[$1] }
    }
}

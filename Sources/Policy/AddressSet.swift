/// Addresses in ascending spans, found by halving.
struct AddressSet: Sendable {
    private struct AddressSpan {
        let first: Address
        let last: Address
    }

    private var spans: [AddressSpan] = []

    init() {}

    /// The addresses of all ranges. Two ranges are apart or one holds the other, so dropping the
    /// inner ones is all the merging there is.
    init(_ ranges: [AddressRange]) {
        let ordered = ranges.sorted { ($0.first, $0.prefixLength) < ($1.first, $1.prefixLength) }
        for range in ordered where spans.last.map({ $0.last < range.first }) ?? true {
            spans.append(AddressSpan(first: range.first, last: range.last))
        }
    }

    func contains(_ address: Address) -> Bool {
        var low = 0
        var high = spans.count
        // Finds the number of spans that begin at or before the address; the distance halves.
        while low < high {
            let middle = low + (high - low) / 2
            if spans[middle].first <= address { low = middle + 1 } else { high = middle }
        }
        return low > 0 && address <= spans[low - 1].last
    }
}

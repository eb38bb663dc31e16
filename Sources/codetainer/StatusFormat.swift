import ArgumentParser

/// What `codetainer status` prints.
enum StatusFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    /// OpenMetrics, as a collector scrapes it.
    case prometheus
}

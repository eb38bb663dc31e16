extension Unicode.Scalar {
    /// Whether it is no sign but does something to those around it: moves the cursor, begins a
    /// command of the terminal, ends the line or turns the direction of writing (Unicode §4.5).
    public var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}

import CStartUp

/// The argument and environment vectors as the kernel gave them; valid without /proc.
struct ProcessVectors {
    let arguments: [String]
    /// `NAME=value` each, in the kernel's order; none once it is wiped.
    var environment: [String] { unsafe Self.strings(codetainer_environment()) }

    init() {
        arguments = unsafe Self.strings(codetainer_arguments())
    }

    /// Variables by name; of two with one name the first counts, as in getenv(3).
    var variables: [String: String] {
        var variables: [String: String] = [:]
        for entry in environment {
            guard let equals = entry.firstIndex(of: "=") else { continue }
            let name = String(entry[..<equals])
            if variables[name] == nil {
                variables[name] = String(entry[entry.index(after: equals)...])
            }
        }
        return variables
    }

    /// The first word, counted from the program's own, that is not UTF-8, and so another one as text.
    var wordThatIsNoText: Int? { unsafe Self.firstThatIsNoText(codetainer_arguments()) }

    /// The name of the first variable that is not UTF-8.
    var variableThatIsNoText: Substring? {
        unsafe Self.firstThatIsNoText(codetainer_environment())
            .map { environment[$0].prefix { $0 != "=" } }
    }

    /// Overwrites the kernel's copy of the environment.
    static func wipeEnvironment() { codetainer_wipe_environment() }

    private static func firstThatIsNoText(
        _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Int? {
        guard let vector = unsafe vector else { return nil }
        var index = 0
        while let string = unsafe vector[index] {
            if unsafe String(validatingCString: string) == nil { return index }
            index += 1
        }
        return nil
    }

    private static func strings(_ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?)
        -> [String]
    {
        guard let vector = unsafe vector else { return [] }
        var strings: [String] = []
        var index = 0
        while let string = unsafe vector[index] {
            strings.append(unsafe String(cString: string))
            index += 1
        }
        return strings
    }
}

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

    /// Overwrites the kernel's copy of the environment.
    static func wipeEnvironment() { codetainer_wipe_environment() }

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

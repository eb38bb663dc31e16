import CBuild
import FoundationEssentials

/// What this program was built of: docs/releasing.md has the document's fields.
struct BuildInformation: Encodable {
    struct Library: Encodable {
        let name: String
        let version: String
        /// Where it came from, as a package URL.
        let purl: String
    }

    let name = "codetainer"
    let version = Version.current
    let commit: String
    /// Whether the tree held more than the commit.
    let modified: Bool
    let toolchain: String
    let target: String
    let configuration: String
    let libraries: [Library]

    private enum CodingKeys: CodingKey {
        case name, version, commit, modified, toolchain, target, configuration, libraries
    }

    /// This program's own.
    static var current: BuildInformation {
        let build = unsafe codetainer_build().pointee
        let libraries = unsafe UnsafeBufferPointer(
            start: build.libraries, count: build.library_count)
        return unsafe BuildInformation(
            commit: String(cString: build.commit), modified: build.modified,
            toolchain: String(cString: build.toolchain), target: String(cString: build.target),
            configuration: String(cString: build.configuration),
            libraries: libraries.map { library in
                unsafe Library(
                    name: String(cString: library.name), version: String(cString: library.version),
                    purl: String(cString: library.purl))
            })
    }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    var text: String {
        let lines = [
            ("commit", commit + (modified ? ", modified" : "")), ("toolchain", toolchain),
            ("target", target), ("configuration", configuration),
        ]
        let width = 15
        var text = "\(name) \(version)\n"
        for (label, value) in lines {
            text += label.padded(to: width) + value + "\n"
        }
        for (index, library) in libraries.enumerated() {
            text += (index == 0 ? "libraries" : "").padded(to: width)
            text += "\(library.name) \(library.version)\n"
        }
        return text
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

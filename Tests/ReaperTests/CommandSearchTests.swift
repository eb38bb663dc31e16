import Testing

@testable import Reaper

@Suite struct CommandSearchTests {
    private func candidates(_ name: String, _ path: String?) -> [String] {
        var seen: [String] = []
        let none: Int? = CommandSearch.first(
            name: Array(name.utf8), path: path.map { Array($0.utf8) }
        ) { candidate in
            seen.append(String(decoding: candidate, as: UTF8.self))
            return nil
        }
        #expect(none == nil)
        return seen
    }

    @Test(arguments: [
        ("sh", "/a:/b", ["/a/sh", "/b/sh"]), ("sh", nil, ["/bin/sh", "/usr/bin/sh"]),
        ("sh", "", ["sh"]), ("sh", ":/a", ["sh", "/a/sh"]), ("sh", "/a:", ["/a/sh", "sh"]),
        ("sh", "/a::/b", ["/a/sh", "sh", "/b/sh"]), ("./sh", "/a", ["./sh"]),
        ("/bin/sh", nil, ["/bin/sh"]), ("d/sh", "/a", ["d/sh"]), ("", "/a", []),
    ])
    func looksWhereExecvpDoes(name: String, path: String?, expected: [String]) {
        #expect(candidates(name, path) == expected)
    }

    @Test func theFirstResultEndsTheSearch() {
        let found = CommandSearch.first(name: Array("x".utf8), path: Array("/a:/b:/c".utf8)) {
            $0 == Array("/b/x".utf8) ? $0 : nil
        }
        #expect(found == Array("/b/x".utf8))
    }
}

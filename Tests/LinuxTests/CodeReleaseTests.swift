import Linux
import SystemPackage
import Testing

@Suite struct CodeReleaseTests {
    @Test func theProgramRunsOnAndHoldsLess() throws {
        let before = try residentFilePages()
        System.releaseCode()
        let after = try residentFilePages()
        #expect(after < before)
    }

    /// `RssFile` of proc_pid_status(5), in KiB.
    private func residentFilePages() throws -> Int {
        let status = String(decoding: try Files.read("/proc/self/status"), as: UTF8.self)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
        return try #require(
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).compactMap { Int($0) }.first)
    }
}

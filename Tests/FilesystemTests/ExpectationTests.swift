import Linux
import SystemPackage
import Testing

@testable import Filesystem

/// What a profile wants read-only, against mounts as runtimes make them.
@Suite struct ExpectationTests {
    private static func table(_ mounts: String...) -> MountTable {
        let lines = mounts.map { mount in
            let words = mount.split(separator: " ")
            return "1 2 0:1 / \(words[0]) \(words[1]) - ext4 /dev/x rw"
        }
        return MountTable(parsing: lines.joined(separator: "\n"))
    }

    private static let ssh: FilePath = "/home/claude/.ssh"
    private static let mounted = table(
        "/ ro", "/home/claude rw,nosuid", "/home/claude/.ssh ro", "/app rw")
    private static let writable = table(
        "/ ro", "/home/claude rw,nosuid", "/home/claude/.ssh rw,nosuid", "/app rw")
    private static let nested = table(
        "/ ro", "/home/claude rw", "/home/claude/.ssh ro", "/home/claude/.ssh/control rw")
    private static let home = table("/ ro", "/home/claude rw")
    private static let image = table("/ ro")

    @Test func whatIsReadOnlyIsLeftAlone() throws {
        for canMount in [true, false] {
            let plan = MountPlan(table: Self.mounted, canMount: canMount)
            #expect(try plan.holdingReadOnly([Self.ssh]) == [])
            #expect(plan.writable(of: [Self.ssh]) == [])
            #expect(
                try MountPlan(table: Self.image, canMount: canMount).holdingReadOnly([Self.ssh])
                    == [])
        }
    }

    @Test func aWritableMountBecomesReadOnly() throws {
        let plan = MountPlan(table: Self.writable, canMount: true)
        #expect(
            try plan.holdingReadOnly([Self.ssh]) == [
                .readOnly(try #require(Self.writable.mount(at: Self.ssh)))
            ])
        #expect(plan.writable(of: [Self.ssh]) == [Self.ssh])
    }

    @Test func soDoesWhatIsMountedBelow() throws {
        let plan = MountPlan(table: Self.nested, canMount: true)
        #expect(
            try plan.holdingReadOnly([Self.ssh]) == [
                .readOnly(try #require(Self.nested.mount(at: "/home/claude/.ssh/control")))
            ])
        #expect(plan.writable(of: [Self.ssh]) == [Self.ssh])
    }

    @Test func aPartOfAWritableMountIsHeldApart() throws {
        let plan = MountPlan(table: Self.home, canMount: true)
        #expect(try plan.holdingReadOnly([Self.ssh]) == [.holdReadOnly(Self.ssh)])
        #expect(plan.writable(of: [Self.ssh]) == [Self.ssh])
    }

    @Test(arguments: [
        (
            writable,
            "/home/claude/.ssh is mounted writable and must not be: mount it read-only (`:ro`), or add `--cap-add SYS_ADMIN`"
        ),
        (
            home,
            "/home/claude/.ssh is writable, as all of /home/claude is, and must not be: mount it read-only (`:ro`), or add `--cap-add SYS_ADMIN`"
        ),
    ])
    func whereNobodyMayMountItIsRefused(table: MountTable, description: String) {
        #expect(throws: MountPlanError(description: description)) {
            try MountPlan(table: table, canMount: false).holdingReadOnly([Self.ssh])
        }
    }
}

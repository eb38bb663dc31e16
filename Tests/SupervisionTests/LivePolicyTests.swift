import Linux
import Policy
import Testing

@testable import Egress
@testable import Supervision

@Suite struct LivePolicyTests {
    private static let base = LivePolicy(base: "example.com\n*.example.net\n10.0.0.0/8:80\n")

    private static func allows(_ policy: LivePolicy, _ name: String) throws -> Bool {
        try !policy.allowlist().matches(DomainName(parsing: name)).isEmpty
    }

    @Test func openingAndClosingAName() throws {
        let opened = Self.base.allowing("example.org:22", until: nil)
        #expect(try Self.allows(opened, "example.org"))
        #expect(try !Self.allows(Self.base, "example.org"))
        let closed = opened.denying(try DomainName(parsing: "example.org"))
        #expect(try !Self.allows(closed, "example.org"))
        #expect(try Self.allows(closed, "example.com"))
        let again = closed.allowing("example.org", until: nil)
        #expect(try Self.allows(again, "example.org"))
    }

    @Test func aNameBelowAWildcardIsDeniedAlone() throws {
        let policy = Self.base.denying(try DomainName(parsing: "a.example.net"))
        #expect(try !Self.allows(policy, "a.example.net"))
        #expect(try !Self.allows(policy, "b.a.example.net"))
        #expect(try Self.allows(policy, "b.example.net"))
    }

    @Test func anAllowanceEnds() throws {
        let end = Instant(nanoseconds: 1_000)
        let policy = Self.base.allowing("example.org", until: end)
        #expect(policy.nextEnd == end)
        let before = policy.expiring(at: Instant(nanoseconds: 999))
        #expect(try Self.allows(before, "example.org"))
        let after = policy.expiring(at: end)
        #expect(after.nextEnd == nil)
        #expect(try !Self.allows(after, "example.org"))
    }

    @Test func filesReadAgainKeepWhatTheOperatorDid() throws {
        let policy = Self.base.allowing("example.org", until: nil)
            .denying(try DomainName(parsing: "a.example.net")).replacing(base: ".example.net\n")
        #expect(try Self.allows(policy, "example.org"))
        #expect(try Self.allows(policy, "example.net"))
        #expect(try !Self.allows(policy, "a.example.net"))
        #expect(try !Self.allows(policy, "example.com"))
    }

    @Test func aRuleThatIsNoneIsAnError() {
        #expect(throws: AllowlistErrors.self) {
            _ = try Self.base.allowing("exa mple", until: nil).allowlist()
        }
    }

    @Test func theWordPrivateIsPartOfWhatIsOpened() throws {
        let policy = Self.base.allowing("peer:443 private", until: nil)
        #expect(try policy.allowlist().rules.last?.description == "peer private")
        let denied = policy.denying(try DomainName(parsing: "peer"))
        #expect(denied.additions.isEmpty)
        #expect(denied.allowing("peer private", until: nil).exceptions.isEmpty)
        let lines = PolicySources.lines(of: "a.test peer:443 private\n b.test private  c.test")
        #expect(lines == "a.test\npeer:443 private\nb.test private\nc.test")
    }

    /// What the resolver reads has the same rules under the same numbers.
    @Test func itsTextIsTheSameList() throws {
        let denied = try DomainName(parsing: "example.com")
        var policy = LivePolicy(base: "a.test", leased: "licence.test")
        policy = policy.allowing("b.test:80 private", until: nil).allowing("a.test", until: nil)
        policy = policy.denying(denied)
        let text = try Allowlist(parsing: [.init(name: "policy", text: policy.text)])
        let list = try policy.allowlist()
        #expect(text.canonicalText == list.canonicalText)
        #expect(list.rules.count == 4)
        #expect(LivePolicy(base: "").text == "")
    }
}

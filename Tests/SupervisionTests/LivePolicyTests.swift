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

    // MARK: What a change closes

    private static func live(_ address: UInt32, _ port: UInt16, _ name: String) -> LiveGrant {
        LiveGrant(
            destination: Destination(.v4(address), .tcp, port), seconds: 300, secondsLeft: 200,
            name: name)
    }

    private static func change(_ next: LivePolicy, _ grants: [LiveGrant]) throws -> PolicyChange {
        PolicyChange(
            from: try base.allowlist(), to: try next.allowlist(), grants: grants)
    }

    @Test(arguments: [("peer:443 private", false), ("peer:443", true), ("peer:444 private", true)])
    func aPrivateGrantNeedsThePrivateRule(rule: String, isClosed: Bool) throws {
        var live = Self.live(0x0A01_0203, 443, "peer")
        live.isPrivate = true
        let old = LivePolicy(base: "peer:443 private\n")
        let change = PolicyChange(
            from: try old.allowlist(), to: try LivePolicy(base: rule).allowlist(), grants: [live])
        #expect(change.isShrinking == isClosed)
        #expect(change.closed == (isClosed ? [live.destination] : []))
        #expect(change.surviving == (isClosed ? [] : [live.grant]))
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

    @Test func wideningClosesNothing() throws {
        let grants = [Self.live(0x0102_0304, 443, "example.com")]
        let change = try Self.change(Self.base.allowing("example.org", until: nil), grants)
        #expect(!change.isShrinking)
        #expect(change.closed.isEmpty)
        #expect(change.surviving == [grants[0].grant])
    }

    @Test func narrowingClosesWhatWasGrantedForTheName() throws {
        let grants = [
            Self.live(0x0102_0304, 443, "example.com"),
            Self.live(0x0102_0305, 443, "*.example.net"),
        ]
        let change = try Self.change(
            Self.base.denying(try DomainName(parsing: "example.com")), grants)
        #expect(change.isShrinking)
        #expect(change.closed == [grants[0].destination])
        #expect(change.surviving == [grants[1].grant])
    }

    @Test(arguments: ["a.example.net", "example.net", "net"])
    func aDenialBelowOrAboveAWildcardClosesItsGrants(name: String) throws {
        let grants = [Self.live(0x0102_0305, 443, "*.example.net")]
        let change = try Self.change(Self.base.denying(try DomainName(parsing: name)), grants)
        #expect(change.isShrinking)
        #expect(change.closed == [grants[0].destination])
    }

    @Test func aPortThatIsGoneClosesItsGrantsOnly() throws {
        let grants = [
            Self.live(0x0102_0304, 443, "example.com"), Self.live(0x0102_0304, 80, "example.com"),
        ]
        let change = try Self.change(Self.base, grants)
        #expect(!change.isShrinking)
        #expect(change.closed == [grants[1].destination])
    }

    @Test func aPrivateAddressThatIsNoLongerNamedCloses() throws {
        let grants = [Self.live(0x0a00_0001, 443, "example.com")]
        #expect(try Self.change(Self.base, grants).closed.isEmpty)
        let next = Self.base.replacing(base: "example.com\n")
        #expect(try Self.change(next, grants).closed == [grants[0].destination])
    }
}

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
        let opened = try Self.base.allowing("example.org:22", until: nil)
        #expect(try Self.allows(opened, "example.org"))
        #expect(try !Self.allows(Self.base, "example.org"))
        let closed = opened.denying(try DomainName(parsing: "example.org"))
        #expect(try !Self.allows(closed, "example.org"))
        #expect(try Self.allows(closed, "example.com"))
        let again = try closed.allowing("example.org", until: nil)
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
        let policy = try Self.base.allowing("example.org", until: end)
        #expect(policy.nextEnd == end)
        let before = policy.expiring(at: Instant(nanoseconds: 999))
        #expect(try Self.allows(before, "example.org"))
        let after = policy.expiring(at: end)
        #expect(after.nextEnd == nil)
        #expect(try !Self.allows(after, "example.org"))
    }

    @Test func anAllowanceForATimeEndsNoLongerOne() throws {
        let (first, second) = (Instant(nanoseconds: 1_000), Instant(nanoseconds: 2_000))
        let rule = "example.org"
        let forGood = try Self.base.allowing(rule, until: nil).allowing(rule, until: first)
        #expect(forGood.nextEnd == nil)
        #expect(try Self.allows(forGood.expiring(at: second), rule))
        let longer = try Self.base.allowing(rule, until: second).allowing(rule, until: first)
        #expect(longer.nextEnd == second)
        #expect(
            try Self.base.allowing(rule, until: first).allowing(rule, until: nil).nextEnd == nil)
    }

    @Test func whatWasOpenedOfAddressesIsTakenBack() throws {
        var policy = Self.base
        for rule in ["10.0.0.1:80", "10.0.0.1:8443", "10.0.0.0/24", "[fd00::1]:22"] {
            policy = try policy.allowing(rule, until: nil)
        }
        func left(without rule: String) throws -> [String]? {
            try policy.withdrawing(rule)?.additions.map(\.rule)
        }
        #expect(
            try left(without: "10.0.0.1:80") == ["10.0.0.1:8443", "10.0.0.0/24", "[fd00::1]:22"])
        #expect(try left(without: "10.0.0.1") == ["10.0.0.0/24", "[fd00::1]:22"])
        #expect(try left(without: "[fd00::1]:22")?.count == 3)
        #expect(try left(without: "fd00::1")?.count == 3)
        #expect(try left(without: "example.org") == nil)
        let refusal = #expect(throws: LivePolicy.Refusal.self) { try left(without: "10.0.0.2") }
        #expect(refusal?.description.hasPrefix("10.0.0.2: no `codetainer allow` opened it") == true)
    }

    @Test func filesReadAgainKeepWhatTheOperatorDid() throws {
        let policy = try Self.base.allowing("example.org", until: nil)
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

    // MARK: What an exception forbids

    private static func denying(_ name: String, in policy: LivePolicy) throws -> LivePolicy {
        policy.denying(try DomainName(parsing: name))
    }

    /// As a file and a reload make it.
    private static func policy(_ file: String, _ text: String) throws -> LivePolicy {
        LivePolicy(of: try Allowlist(parsing: [.init(name: file, text: text)]))
    }

    @Test(arguments: ["no.up.test", "*.no.up.test", ".no.up.test:22", "a.no.up.test"])
    func anExceptionOfAFileIsNamed(rule: String) throws {
        let policy = try Self.policy("domains.conf", "# ours\n.up.test\n\n!no.up.test  # no\n")
        let refusal = #expect(throws: LivePolicy.Refusal.self) {
            try policy.allowing(rule, until: nil)
        }
        #expect(
            refusal?.description
                == "!no.up.test, domains.conf:4 forbids it: take it out there and reload")
        #expect(try Self.allows(policy.allowing("yes.up.test:22", until: nil), "yes.up.test"))
        #expect(try policy.allowing("10.1.2.3:80", until: nil).additions.count == 1)
    }

    @Test(arguments: ["up.test", ".up.test", "*.up.test"])
    func allowUndoesTheDenialOfItsName(rule: String) throws {
        let denied = try Self.denying("up.test", in: Self.policy("domains.conf", ".up.test\n"))
        #expect(try !Self.allows(denied, "z.up.test"))
        let allowed = try denied.allowing(rule, until: nil)
        #expect(allowed.denials.isEmpty)
        #expect(try Self.allows(allowed, "z.up.test"))
    }

    /// It opens what it is told, and nothing beside it.
    @Test func aNameBelowADenialOpensAloneOrNotAtAll() throws {
        let alone = try Self.denying("up.test", in: Self.policy("domains.conf", "z.up.test:22\n"))
            .allowing("z.up.test", until: nil)
        #expect(try Self.allows(alone, "z.up.test"))
        for rule in [".up.test", "y.up.test", "*.up.test:22", "up.test"] {
            let denied = try Self.denying("up.test", in: Self.policy("domains.conf", rule + "\n"))
            let refusal = #expect(throws: LivePolicy.Refusal.self) {
                try denied.allowing("z.up.test", until: nil)
            }
            #expect(
                refusal?.description
                    == "!up.test, `codetainer deny up.test` forbids it: say `codetainer allow up.test` first"
            )
        }
    }

    @Test func aDenialBelowWhatIsAllowedStays() throws {
        let policy = try Self.denying("ads.up.test", in: Self.base)
            .allowing(".up.test", until: nil)
        #expect(try Self.allows(policy, "up.test"))
        #expect(try !Self.allows(policy, "ads.up.test"))
    }

    @Test func anExceptionIsNothingToAllow() {
        let refusal = #expect(throws: LivePolicy.Refusal.self) {
            try Self.base.allowing("!x.test", until: nil)
        }
        #expect(refusal?.description == "!x.test closes a name: say `codetainer deny x.test`")
    }

    @Test func aDenialIsBackWhenTheAllowanceEnds() throws {
        let (first, second) = (Instant(nanoseconds: 1_000), Instant(nanoseconds: 2_000))
        let denied = try Self.denying("example.com", in: Self.base)
        let open = try denied.allowing("example.com", until: first)
            .allowing("example.com:22", until: second)
        #expect(try Self.allows(open, "example.com"))
        let between = open.expiring(at: first)
        #expect(between.nextEnd == second)
        #expect(try Self.allows(between, "example.com"))
        let after = between.expiring(at: second)
        #expect(after == denied)
        #expect(try !Self.allows(after, "example.com"))
        // For good is for good, and a denial holds from now on.
        let forGood = try open.allowing("example.com", until: nil)
        #expect(try Self.allows(forGood.expiring(at: second), "example.com"))
        #expect(try !Self.allows(Self.denying("example.com", in: open), "example.com"))
    }

    @Test func aDenialTakesBackWhatWasOpenedBelowIt() throws {
        var policy = Self.base
        for rule in [".up.test", "*.up.test:22", "z.up.test", "up.testing.test", "10.0.0.1:80"] {
            policy = try policy.allowing(rule, until: nil)
        }
        let denied = try Self.denying("up.test", in: policy)
        #expect(denied.additions.map(\.rule) == ["up.testing.test", "10.0.0.1:80"])
    }

    /// What the resolver and a report read.
    @Test func theTextSaysWhereAnExceptionWasWritten() throws {
        let policy = try Self.denying(
            "a.test", in: Self.policy("/opt/a b.conf", "b.test\n!c.test\n"))
        #expect(
            policy.text == """
                b.test
                !c.test # /opt/a b.conf:2
                !a.test # codetainer deny

                """)
    }

    @Test func theWordPrivateIsPartOfWhatIsOpened() throws {
        let policy = try Self.base.allowing("peer:443 private", until: nil)
        #expect(try policy.allowlist().rules.last?.description == "peer private")
        let denied = policy.denying(try DomainName(parsing: "peer"))
        #expect(denied.additions.isEmpty)
        #expect(try denied.allowing("peer private", until: nil).denials.isEmpty)
        let lines = PolicySources.lines(of: "a.test peer:443 private\n b.test private  c.test")
        #expect(lines == "a.test\npeer:443 private\nb.test private\nc.test")
    }

    /// What the resolver reads has the same rules under the same numbers.
    @Test func itsTextIsTheSameList() throws {
        let denied = try DomainName(parsing: "example.com")
        var policy = LivePolicy(base: "a.test", leased: "licence.test")
        policy = try policy.allowing("b.test:80 private", until: nil).allowing("a.test", until: nil)
        policy = policy.denying(denied)
        let text = try Allowlist(parsing: [.init(name: "policy", text: policy.text)])
        let list = try policy.allowlist()
        #expect(text.canonicalText == list.canonicalText)
        #expect(list.rules.count == 4)
        #expect(LivePolicy(base: "").text == "")
    }
}

import Egress
import Linux
import Policy
import Testing

@testable import Supervision

@Suite struct GrantBookTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    private static func destination(_ number: Int) -> Destination {
        Destination(.v4(0x0102_0000 + UInt32(number)), .tcp, 443)
    }

    private static func reason(
        _ rule: RuleIndex?, _ seconds: Int, isPrivate: Bool = false
    ) -> GrantBook.Reason {
        GrantBook.Reason(rule: rule, isPrivate: isPrivate, end: start + .seconds(seconds))
    }

    private static func live(_ number: Int, left: UInt32, _ name: String) -> LiveGrant {
        LiveGrant(destination: destination(number), seconds: 300, secondsLeft: left, name: name)
    }

    private static func list(_ text: String) throws -> Allowlist {
        try Allowlist(parsing: [.init(name: "list", text: text)])
    }

    @Test func theLongestTimeCounts() {
        var book = GrantBook()
        let one = Self.destination(1)
        func left() -> UInt32 { book.secondsLeft(one, isPrivate: false, at: Self.start) }
        #expect(left() == 0)
        book.note(one, Self.reason(0, 3600))
        book.note(one, Self.reason(1, 300))
        book.note(one, Self.reason(0, 60))
        book.note(one, Self.reason(2, 9000, isPrivate: true))
        #expect(left() == 3600)
        #expect(book.reasons(for: one).count == 3)
        let later = Self.start + 3_599_001
        #expect(book.secondsLeft(one, isPrivate: false, at: later) == 1)
        #expect(book.secondsLeft(one, isPrivate: false, at: Self.start + .seconds(3600)) == 0)
    }

    @Test func moreRulesThanAreToldApartAreStillReasons() {
        var book = GrantBook()
        let one = Self.destination(1)
        for rule in 0..<500 as Range<RuleIndex> {
            book.note(one, Self.reason(rule, 1000 - Int(rule)))
        }
        let reasons = book.reasons(for: one)
        #expect(reasons.count <= GrantBook.mostReasons)
        #expect(reasons.contains(Self.reason(499, 501)))
        #expect(reasons.contains { $0.rule == nil })
        #expect(book.secondsLeft(one, isPrivate: false, at: Self.start) == 1000)
    }

    @Test func whatNobodyNeedsIsForgotten() {
        let limit = GrantBook.leastLimit
        let needed = limit / 2 + 100
        var book = GrantBook()
        func note(_ numbers: Range<Int>) {
            for number in numbers { book.note(Self.destination(number), Self.reason(0, 300)) }
        }
        // As a Boolean: a book that is not as expected is too long to be printed.
        func isFull() -> Bool { book.isFull }
        note(0..<limit - 1)
        #expect(!isFull())
        note(limit - 1..<limit)
        #expect(isFull())
        book.keep(Set((0..<needed).map(Self.destination)))
        #expect(!isFull())
        let remembered = book.count
        #expect(remembered == needed)
        note(needed..<2 * needed - 1)
        #expect(!isFull())
        note(2 * needed - 1..<2 * needed)
        #expect(isFull())
    }

    // MARK: Under another allowlist

    private static func outcome(
        _ book: GrantBook, _ old: String, _ new: String, _ live: [LiveGrant],
        after seconds: Int = 100
    ) throws -> GrantBook.Outcome {
        var change = PolicyChange(from: try list(old), to: try list(new))
        return book.following(&change, live: live, at: start + .seconds(seconds))
    }

    /// Two names have one address: it stays open for the one that stays allowed, for its own time,
    /// whichever name the kernel has it under.
    @Test(arguments: [("a.test", 250 as UInt32), ("b.test", 200)])
    func anotherNamesTimeIsItsOwn(denied: String, left: UInt32) throws {
        var book = GrantBook()
        book.note(Self.destination(1), Self.reason(0, 300))
        book.note(Self.destination(1), Self.reason(1, 350))
        let stays = denied == "a.test" ? "b.test" : "a.test"
        let outcome = try Self.outcome(
            book, "a.test\nb.test", "a.test\nb.test\n!\(denied)",
            [Self.live(1, left: 250, "a.test")])
        #expect(
            outcome.surviving == [Grant(Self.destination(1), seconds: left, name: stays)])
        #expect(outcome.closed.isEmpty)
        #expect(outcome.book.reasons(for: Self.destination(1)).count == 1)
    }

    /// The first name's time is over; the kernel has the address under it all the same, as another
    /// name kept it open, and that is denied now.
    @Test func aTimeThatIsOverKeepsNothingOpen() throws {
        var book = GrantBook()
        book.note(Self.destination(1), Self.reason(0, 300))
        book.note(Self.destination(1), Self.reason(1, 660))
        let outcome = try Self.outcome(
            book, "a.test\nb.test", "a.test\nb.test\n!b.test",
            [Self.live(1, left: 260, "a.test")], after: 400)
        #expect(outcome.surviving.isEmpty)
        #expect(outcome.closed == [Self.destination(1)])
    }

    /// A wildcard that was allowed for a time takes nothing along that a rule of the file opens.
    @Test func theFilesOwnRuleStays() throws {
        var book = GrantBook()
        book.note(Self.destination(1), Self.reason(0, 300))
        book.note(Self.destination(1), Self.reason(1, 300))
        book.note(Self.destination(2), Self.reason(1, 300))
        let outcome = try Self.outcome(
            book, "n.a.test\n.a.test", "n.a.test",
            [Self.live(1, left: 200, ".a.test"), Self.live(2, left: 200, ".a.test")])
        #expect(outcome.surviving.map(\.destination) == [Self.destination(1)])
        #expect(outcome.surviving.map(\.name) == ["n.a.test"])
        #expect(outcome.closed == [Self.destination(2)])
    }

    /// Flows outlive what let them through.
    @Test func aDenialFindsWhatHasExpired() throws {
        var book = GrantBook()
        book.note(Self.destination(1), Self.reason(0, 300))
        book.note(Self.destination(2), Self.reason(1, 300))
        let outcome = try Self.outcome(
            book, "a.test\nb.test", "b.test", [], after: 5000)
        #expect(outcome.surviving.isEmpty)
        #expect(outcome.closed == [Self.destination(1)])
    }

    /// After a restart of PID 1 only the kernel's word is left, which need not be the only rule.
    @Test(arguments: [("a.test\nb.test\nc.test", true), ("b.test", false), ("a.test", false)])
    func whatIsNotKnownToSurviveCloses(next: String, isOpen: Bool) throws {
        var book = GrantBook()
        book.note([Self.live(1, left: 200, "a.test")], at: Self.start)
        let live = [Self.live(1, left: 100, "a.test")]
        let outcome = try Self.outcome(book, "a.test\nb.test", next, live)
        #expect(outcome.surviving == (isOpen ? live.map(\.grant) : []))
        #expect(outcome.closed == (isOpen ? [] : [Self.destination(1)]))
    }

    @Test func rulesAreNumberedAnew() throws {
        var book = GrantBook()
        book.note(Self.destination(1), Self.reason(2, 300))
        let outcome = try Self.outcome(
            book, "a.test\nb.test\nc.test:443,80", "c.test:80,443\nx.test",
            [Self.live(1, left: 200, "c.test")])
        #expect(outcome.book.reasons(for: Self.destination(1)) == [Self.reason(0, 300)])
    }

    // MARK: What a change closes

    /// What is granted by rule 0 of `old`, and whether `new` keeps it.
    private static func survives(
        _ old: String, _ new: String, _ destination: Destination = destination(1),
        isPrivate: Bool = false
    ) throws -> (survives: Bool, isShrinking: Bool) {
        var change = PolicyChange(from: try list(old), to: try list(new))
        let next = change.surviving(reason(0, 300, isPrivate: isPrivate), for: destination)
        return (next != nil, change.isShrinking)
    }

    @Test(arguments: [
        ("a.test", "a.test\nb.test", true, false), ("a.test", "b.test\na.test", true, false),
        ("a.test", "b.test", false, true), ("a.test", "a.test:443,444", true, false),
        ("a.test:443,444", "a.test", true, true), ("a.test", "a.test:444", false, true),
        ("a.test", "a.test:443/udp", false, true), ("a.test", ".a.test", true, false),
        ("a.test", "*.a.test", false, true), ("a.b.test", "*.b.test", true, false),
        ("a.b.test", ".b.test:443", true, false), ("a.b.test", ".b.test:444", false, true),
        ("*.a.test", ".a.test", true, false), (".a.test", "*.a.test", false, true),
        (".a.b.test", "*.b.test", true, false), ("*.a.test", "a.test", false, true),
        ("a.b.test", ".b.test\n!a.b.test", false, true), ("a.test", "ba.test\n.a.a", false, true),
        ("a.test", "a.test\n!a.test", false, true), ("a.test", "a.test\n!test", false, true),
        ("a.test", "a.test\n!x.a.test", true, true), ("a.test", "a.test\n!b.test", true, true),
        ("*.a.test", "*.a.test\n!x.a.test", false, true),
        ("*.a.test", "*.a.test\n!a.test", false, true),
        (".a.test", ".a.test\n!test", false, true), (".a.test", ".a.test\n!b.test", true, true),
        ("a.test\n!b.test", "a.test\n!b.test", true, false),
        ("a.test\n!b.test", "a.test", true, false),
        ("a.test\n9.9.9.9", "a.test", true, true), ("a.test", "a.test\n9.9.9.9", true, false),
        ("a.test private", "a.test", true, true),
    ])
    func whatSurvives(old: String, new: String, isOpen: Bool, isShrinking: Bool) throws {
        let outcome = try Self.survives(old, new)
        #expect(outcome.survives == isOpen)
        #expect(outcome.isShrinking == isShrinking)
    }

    @Test(arguments: [("peer:443 private", true), ("peer:443", false), ("peer:444 private", false)])
    func aPrivateGrantNeedsThePrivateRule(new: String, isOpen: Bool) throws {
        let peer = Destination(.v4(0x0A01_0203), .tcp, 443)
        #expect(
            try Self.survives("peer:443 private", new, peer, isPrivate: true).survives == isOpen)
    }

    @Test func aPrivateAddressThatIsNoLongerNamedCloses() throws {
        let peer = Destination(.v4(0x0A00_0001), .tcp, 443)
        #expect(try Self.survives("a.test\n10.0.0.1", "a.test\n10.0.0.1", peer).survives)
        #expect(try !Self.survives("a.test\n10.0.0.1", "a.test", peer).survives)
    }
}

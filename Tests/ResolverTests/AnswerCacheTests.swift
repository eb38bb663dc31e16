import DNSWire
import Linux
import Policy
import Testing

@testable import Resolver

@Suite struct AnswerCacheTests {
    func answer(_ addresses: Int = 1, seconds: UInt32 = 60) -> Answer {
        var answer = Answer()
        answer.addresses = (0..<addresses).map { address(UInt32($0)) }
        answer.timeToLive = seconds
        return answer
    }

    func insert(
        _ cache: inout AnswerCache, _ text: String, hash: UInt64, _ answer: Answer,
        at now: Instant = at(0)
    ) {
        let expires = now + .seconds(Int(answer.timeToLive))
        cache.insert(
            CachedAnswer(question(text), answer, granted: now, expires: expires),
            to: question(text), hash, at: now)
    }

    @Test func keepsAnAnswerUntilItExpires() {
        var cache = AnswerCache(capacity: 8, octetLimit: 10_000)
        insert(&cache, "a.test", hash: 1, answer())
        #expect(cache.find(question("a.test"), 1, at: at(0))?.secondsLeft(at: at(0)) == 60)
        #expect(cache.find(question("a.test"), 1, at: at(59_001))?.secondsLeft(at: at(59_001)) == 1)
        #expect(cache.find(question("a.test"), 1, at: at(60_000)) == nil)
        #expect(cache.find(question("b.test"), 1, at: at(0)) == nil, "the same hash")
        #expect(cache.find(question("a.test", .aaaa), 1, at: at(0)) == nil)
        #expect(cache.find(question("a.test"), 2, at: at(0)) == nil)
    }

    @Test func refreshesWhatIsHotAndAboutToRunOut() {
        var cache = AnswerCache(capacity: 8, octetLimit: 10_000)
        insert(&cache, "hot.test", hash: 1, answer(seconds: 60))
        insert(&cache, "cold.test", hash: 2, answer(seconds: 60))
        insert(&cache, "brief.test", hash: 3, answer(seconds: 19))
        for _ in 0..<5 {
            _ = cache.find(question("hot.test"), 1, at: at(0))
            _ = cache.find(question("brief.test"), 3, at: at(0))
        }
        let hot = cache.find(question("hot.test"), 1, at: at(0))
        #expect(hot?.isWorthRefreshing(at: at(53_999)) == false)
        #expect(hot?.isWorthRefreshing(at: at(54_000)) == true)
        hot?.isRefreshing = true
        #expect(hot?.isWorthRefreshing(at: at(54_000)) == false)
        let cold = cache.find(question("cold.test"), 2, at: at(0))
        #expect(cold?.isWorthRefreshing(at: at(59_000)) == false)
        let brief = cache.find(question("brief.test"), 3, at: at(0))
        #expect(brief?.isWorthRefreshing(at: at(18_500)) == false)
    }

    /// An answered address is open for at least as long as the answer may be used.
    @Test(arguments: [1, 60, 299, 300, 301, 600, 3600, 86_400] as [UInt32])
    func anAddressIsOpenForAsLongAsItsAnswer(_ seconds: UInt32) {
        for passed in stride(from: 0, to: Int(seconds) * 1000, by: Int(seconds) * 10) {
            let cached = CachedAnswer(
                question("a.test"), answer(seconds: seconds), granted: at(0),
                expires: at(Int(seconds) * 1000))
            // What is granted is a second more than the answer's time, and at least 300.
            let closes = at(Int(max(seconds + 1, 300)) * 1000)
            let now = at(passed)
            if cached.isGrantFresh(at: now) {
                #expect(now + .seconds(Int(cached.secondsLeft(at: now))) <= closes)
                #expect(closes.since(now) >= 150_000)
            }
        }
    }

    @Test func replacesAnAnswerToTheSameQuestion() {
        var cache = AnswerCache(capacity: 8, octetLimit: 10_000)
        insert(&cache, "a.test", hash: 1, answer(1))
        insert(&cache, "a.test", hash: 1, answer(2))
        #expect(cache.count == 1)
        #expect(cache.find(question("a.test"), 1, at: at(0))?.answer.addresses.count == 2)
    }

    @Test func prefersWhatExpiredAndWhatIsUnused() {
        var cache = AnswerCache(capacity: 8, octetLimit: 100_000)
        for index in 0..<8 { insert(&cache, "\(index).test", hash: UInt64(index) << 8, answer()) }
        insert(&cache, "short.test", hash: 99 << 8, answer(1, seconds: 1), at: at(10))
        #expect(cache.count == 8)
        #expect(cache.find(question("short.test"), 99 << 8, at: at(10)) != nil)
        insert(&cache, "new.test", hash: 100 << 8, answer(), at: at(2000))
        #expect(cache.count == 8)
        #expect(cache.find(question("short.test"), 99 << 8, at: at(10)) == nil, "it had expired")
    }

    @Test func boundsNumberAndOctets() {
        var cache = AnswerCache(capacity: 64, octetLimit: 50_000)
        var random = SeededRandom(state: 5)
        for index in 0..<5000 {
            insert(
                &cache, "\(index).test", hash: random.next(), answer(Int(random.next() % 64)),
                at: at(index))
            #expect(cache.octetCount <= 50_000)
            #expect(cache.count <= 64)
        }
        #expect(cache.count > 8)
        insert(&cache, "huge.test", hash: 1, answer(100_000), at: at(5000))
        #expect(cache.octetCount <= 50_000)
    }
}

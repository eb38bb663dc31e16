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
            CachedAnswer(question(text), answer, granted: now, expires: expires), hash, at: now)
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

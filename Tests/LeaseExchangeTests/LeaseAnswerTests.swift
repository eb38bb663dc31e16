import Policy
import Testing

@testable import LeaseExchange

@Suite struct LeaseAnswerTests {
    static let session = String(repeating: "a", count: 32)

    static func record(_ members: String, session: String = session, version: Int = 1)
        -> LeaseRecord
    {
        LeaseAnswer.record(
            of: Array("{\"version\":\(version),\"session\":\"\(session)\",\(members)}".utf8),
            session: Self.session)
    }

    @Test func whatIsGrantedIsTheServersAndElseTheTiers() {
        #expect(
            Self.record(
                "\"result\":\"granted\",\"tier\":\"starter\",\"sessions\":{\"used\":1,\"limit\":3},\"requests_per_minute\":7,\"expires_in\":60"
            )
                == .granted(
                    LeaseTerms(
                        tier: .starter, sessionsUsed: 1, sessionLimit: 3, requestLimit: 7,
                        secondsLeft: 60)))
        let own: [(String, UInt32?, UInt32?)] = [
            ("starter", 2, 100), ("professional", 10, 1000), ("enterprise", nil, nil),
        ]
        for (tier, sessions, requests) in own {
            #expect(
                Self.record("\"result\":\"granted\",\"tier\":\"\(tier)\",\"sessions\":null")
                    == .granted(
                        LeaseTerms(
                            tier: LeaseTier(name: tier)!, sessionsUsed: 1, sessionLimit: sessions,
                            requestLimit: requests)))
        }
    }

    @Test func refusalsAreTold() {
        #expect(
            Self.record("\"result\":\"full\",\"sessions\":{\"used\":2,\"limit\":2}")
                == .refused(.full, sessionsUsed: 2, sessionLimit: 2))
        for (result, refusal) in [
            ("invalid", LeaseRefusal.invalid), ("malformed", .malformed), ("expired", .expired),
            ("revoked", .revoked),
        ] {
            #expect(
                Self.record("\"result\":\"\(result)\"")
                    == .refused(refusal, sessionsUsed: 0, sessionLimit: 0))
        }
    }

    @Test(arguments: [
        "", "{", "[]", "null", "granted", "{\"result\":\"granted\",\"tier\":\"enterprise\"}",
        String(repeating: "[", count: 16_000), "{\"version\":1",
    ])
    func whatIsNoAnswerGrantsNothing(_ text: String) {
        #expect(
            LeaseAnswer.record(of: Array(text.utf8), session: Self.session)
                == .unanswered(.nonsense))
    }

    @Test(arguments: [
        "\"result\":\"granted\"", "\"result\":\"granted\",\"tier\":\"gold\"",
        "\"result\":\"released\"", "\"result\":\"full\"", "\"result\":1",
        "\"result\":\"granted\",\"tier\":\"starter\",\"sessions\":{\"used\":3}",
        "\"result\":\"granted\",\"tier\":\"starter\",\"sessions\":{\"used\":0}",
        "\"result\":\"granted\",\"tier\":\"starter\",\"sessions\":{\"used\":-1}",
        "\"result\":\"granted\",\"tier\":\"starter\",\"expires_in\":4294967295",
        "\"result\":\"granted\",\"tier\":\"starter\",\"expires_in\":1.5",
        "\"result\":\"granted\",\"tier\":\"enterprise\",\"sessions\":{\"used\":1,\"limit\":4294967295}",
        "\"result\":\"granted\",\"tier\":\"starter\",\"more\":[[1]]",
    ])
    func whatIsHalfAnAnswerGrantsNothing(_ members: String) {
        #expect(Self.record(members) == .unanswered(.nonsense))
    }

    @Test func anAnswerToAnotherQuestionGrantsNothing() {
        let members = "\"result\":\"granted\",\"tier\":\"enterprise\""
        let other = String(repeating: "b", count: 32)
        #expect(Self.record(members, session: other) == .unanswered(.nonsense))
        #expect(Self.record(members, version: 2) == .unanswered(.nonsense))
        #expect(Self.record(members) != .unanswered(.nonsense))
    }

    @Test func aLongAnswerIsTooLong() {
        let text = String(repeating: " ", count: LeaseQuestion.longestAnswer + 1)
        #expect(
            LeaseAnswer.record(of: Array(text.utf8), session: Self.session)
                == .unanswered(.tooLong))
    }
}

@Suite struct LeasePaceTests {
    private static let granted = LeaseRecord.granted(
        LeaseTerms(tier: .starter, sessionsUsed: 1, sessionLimit: 2, requestLimit: 100))

    @Test func heartbeatsComeATenthSoonerAtMost() {
        var random = SystemRandomNumberGenerator()
        var pace = LeasePace(heartbeat: 300)
        var seen: Set<Int> = []
        for _ in 0..<200 { seen.insert(pace.pause(after: Self.granted, using: &random)) }
        #expect(seen.allSatisfy { 270_000...300_000 ~= $0 })
        #expect(seen.count > 100)
    }

    @Test func failuresAreTriedAgainSoonAndThenSlower() {
        var random = SystemRandomNumberGenerator()
        var pace = LeasePace(heartbeat: 300)
        let pauses = (0..<9).map { _ in pace.pause(after: .unanswered(.name), using: &random) }
        for (pause, most) in zip(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
            #expect(most * 900...most * 1000 ~= pause)
        }
        _ = pace.pause(after: Self.granted, using: &random)
        #expect(pace.pause(after: .unanswered(.name), using: &random) <= 1000)
        var brief = LeasePace(heartbeat: 1)
        for _ in 0..<9 { #expect(brief.pause(after: .unanswered(.name), using: &random) <= 1000) }
    }

    @Test func bootIsPatientTwice() {
        var random = SystemRandomNumberGenerator()
        var pace = LeasePace(heartbeat: 300)
        let isPatient = (0..<4).map { _ in
            _ = pace.pause(after: .unanswered(.connection), using: &random)
            return pace.isPatient(false)
        }
        #expect(isPatient == [true, true, false, false])
        #expect(!LeasePace(heartbeat: 1).isPatient(true))
    }

    @Test func aQuestionIsADocument() {
        let question = LeaseQuestion(
            action: .acquire, session: "s", product: "p", heartbeat: 300)
        #expect(
            question.head + "K" + LeaseQuestion.tail
                == "{\"version\":1,\"action\":\"acquire\",\"session\":\"s\",\"product\":\"p\",\"heartbeat\":300,\"key\":\"K\"}"
        )
    }
}

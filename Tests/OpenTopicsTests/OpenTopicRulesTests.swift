import JSON
import Testing

@testable import OpenTopics

@Suite struct OpenTopicRulesTests {
    private func rules(_ json: String) throws -> OpenTopicRules {
        try OpenTopicRules(try JSONValue.parse(Array(json.utf8)))
    }

    @Test func `the first rule that matches counts`() throws {
        let rules = try rules(
            #"{"realtime":[{"topics":"lobby-*","join":"anyone","anonymous_may_send":true},"#
                + #"{"topics":"lobby-1","join":"nobody"},{"topics":"hall","join":"people"}]}"#)
        #expect(rules.rule(for: "lobby-1").join == .anyone)
        #expect(rules.rule(for: "lobby-1").anonymousMaySend)
        #expect(rules.rule(for: "lobby-").join == .anyone)
        #expect(rules.rule(for: "hall").join == .people)
        #expect(rules.rule(for: "hall-2").join == .nobody)
        #expect(!rules.rule(for: "hall").anonymousMaySend)
    }

    @Test func `names are compared byte for byte`() throws {
        let rules = try rules(
            #"{"realtime":[{"topics":"staff-*","join":"nobody"},"#
                + #"{"topics":"caf\u00e9","join":"people"},{"topics":"*","join":"anyone"}]}"#)
        #expect(rules.rule(for: "staff-\u{301}a").join == .nobody)
        #expect(rules.rule(for: "caf\u{e9}").join == .people)
        #expect(rules.rule(for: "cafe\u{301}").join == .anyone)
    }

    @Test(arguments: [
        ("{}", "a list named realtime"), (#"{"realtime":[{}]}"#, "rule 1: topics"),
        (#"{"realtime":[{"topics":"*","join":"all"}]}"#, "rule 1: join"),
        (#"{"realtime":[{"topics":"*","join":"anyone"},{"topics":""}]}"#, "rule 2: topics"),
    ]) func `a mistake in the file is named`(json: String, expected: String) {
        do {
            _ = try rules(json)
            Issue.record("it was taken")
        } catch {
            let message = (error as? OpenTopicRules.Mistake)?.message ?? ""
            #expect(message.contains(expected))
        }
    }
}

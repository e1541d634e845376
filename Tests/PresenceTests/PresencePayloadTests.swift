import Foundation
import Testing

@testable import Presence

@Suite("Presence as Phoenix's clients read it")
struct PresencePayloadTests {
    private func meta(
        _ ref: String, _ state: String, previous: String? = nil
    ) throws -> PresenceMeta {
        PresenceMeta(ref: ref, previousRef: previous, state: try PresenceState(Array(state.utf8)))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test
    func `nobody is an empty object`() {
        #expect(text(PresencePayload.state([])) == "{}")
    }

    @Test
    func `the refs follow the member's own state`() throws {
        let groups = [
            PresenceGroup(
                key: "ana",
                metas: [
                    try meta("x.1", "{\"name\":\"Ana\"}"),
                    try meta("x.3", "{ }", previous: "x.2"),
                ]),
            PresenceGroup(key: "ben", metas: [try meta("x.4", "{}")]),
        ]
        #expect(
            text(PresencePayload.state(groups))
                == "{\"ana\":{\"metas\":[{\"name\":\"Ana\",\"phx_ref\":\"x.1\"},"
                + "{ \"phx_ref\":\"x.3\",\"phx_ref_prev\":\"x.2\"}]},"
                + "\"ben\":{\"metas\":[{\"phx_ref\":\"x.4\"}]}}")
    }

    @Test
    func `a diff has joins and leaves, also when one is empty`() throws {
        let diff = PresenceDiff(
            joins: [], leaves: [PresenceGroup(key: "ana", metas: [try meta("x.1", "{}")])])
        #expect(
            text(PresencePayload.diff(diff))
                == "{\"joins\":{},\"leaves\":{\"ana\":{\"metas\":[{\"phx_ref\":\"x.1\"}]}}}")
    }

    @Test(arguments: ["__proto__", "a\"b", "\\", "\u{1}", "", "é😀"])
    func `any key survives`(key: String) throws {
        let groups = [PresenceGroup(key: key, metas: [try meta("x.1", "{}")])]
        let bytes = PresencePayload.state(groups)
        let read = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        #expect(read?.keys.first == key)
    }
}

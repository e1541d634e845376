package import JSON

/// Presence in the shape that Phoenix's clients read (`Phoenix.Presence`, events
/// `presence_state` and `presence_diff`).
package enum PresencePayload {
    /// `{"<key>":{"metas":[{…state,"phx_ref":"…"}]}}`
    ///
    /// Cost: one growing array; linear in what it writes.
    package static func state(_ groups: [PresenceGroup]) -> [UInt8] {
        var json = JSONWriter()
        append(groups, to: &json)
        return json.bytes
    }

    /// `{"joins":{…},"leaves":{…}}`, each in the shape of a state.
    package static func diff(_ diff: PresenceDiff) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.name("joins")
            append(diff.joins, to: &json)
            json.name("leaves")
            append(diff.leaves, to: &json)
        }
        return json.bytes
    }

    /// Writes groups as one object, for payloads that hold presence among other things.
    package static func append(_ groups: [PresenceGroup], to json: inout JSONWriter) {
        json.object { json in
            for group in groups {
                json.field(
                    group.key,
                    object: { json in
                        json.field(
                            "metas",
                            array: { json in
                                for meta in group.metas { json.raw(object(of: meta)) }
                            })
                    })
            }
        }
    }

    /// The member's own object with the refs behind its last member.
    private static func object(of meta: PresenceMeta) -> [UInt8] {
        var bytes = meta.state.json
        bytes.removeLast()
        let isEmpty = !bytes.dropFirst().contains { $0 > 0x20 }
        if !isEmpty { bytes.append(UInt8(ascii: ",")) }
        bytes.append(contentsOf: "\"phx_ref\":".utf8)
        JSONText.append(meta.ref, to: &bytes)
        if let previous = meta.previousRef {
            bytes.append(contentsOf: ",\"phx_ref_prev\":".utf8)
            JSONText.append(previous, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

extension PresenceMeta {
    /// What the meta takes in a state, as if it were the only one of its key.
    func weight(under key: String) -> Int {
        PresencePayload.state([PresenceGroup(key: key, metas: [self])]).count
    }
}

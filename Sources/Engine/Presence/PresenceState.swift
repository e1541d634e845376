import JSON

/// What a member says about itself: one JSON object, byte for byte as it was sent.
///
/// Valid by construction, so that it can be spliced into what everybody reads. Phoenix's own
/// members (`phx_ref`, `phx_ref_prev`) are taken out: they are the server's to give.
package struct PresenceState: Sendable, Equatable {
    /// The object, from its opening to its closing brace.
    package let json: [UInt8]

    /// The state of somebody who is merely there.
    package static let empty = PresenceState(trusted: Array("{}".utf8))

    /// 1 KiB: a name, an avatar's address, a cursor and some flags; everybody in the topic gets
    /// it from everybody else. `PresenceStateTests` pins both sides.
    package static let defaultMaximumBytes = 1_024

    /// Takes an object of at most `maximumBytes`.
    package init(
        _ bytes: [UInt8], maximumBytes: Int = PresenceState.defaultMaximumBytes
    ) throws(PresenceRefusal) {
        guard bytes.count <= maximumBytes else {
            throw .stateTooLarge(limit: maximumBytes)
        }
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, maximumBytes: maximumBytes)
        } catch {
            throw .stateIsNoObject
        }
        guard var object = value.object else { throw .stateIsNoObject }
        let reserved = object.members.filter { PresenceState.reserved.contains($0.name) }
        for member in reserved { object[member.name] = nil }
        self.init(trusted: reserved.isEmpty ? bytes : JSONValue.object(object).encoded())
    }

    private init(trusted bytes: [UInt8]) {
        // Outside the braces stands nothing but white space.
        let start = bytes.firstIndex(of: UInt8(ascii: "{")) ?? 0
        let end = bytes.lastIndex(of: UInt8(ascii: "}")) ?? bytes.endIndex - 1
        json = Array(bytes[start...end])
    }

    private static let reserved: Set<String> = ["phx_ref", "phx_ref_prev"]
}

/// Why a member was not let into the map. An answer to its sender; the connection stays.
package enum PresenceRefusal: Error, Sendable, Equatable {
    /// The state is not one valid JSON object.
    case stateIsNoObject
    /// The state has more bytes than `limit`.
    case stateTooLarge(limit: Int)
    /// The key has as many metas as a key may have.
    case tooManyMetas(limit: Int)
    /// The topic has as many keys as a topic may have.
    case tooManyKeys(limit: Int)
    /// All that the topic shows would have more bytes than `limit`.
    case tooManyBytes(limit: Int)
}

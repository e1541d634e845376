import JSON
import Resume
import RoomContract

/// What a client asks for when it joins (Protocol/README.md §3 and §7).
///
/// Supabase's `config` is read leniently, as its own server does: what does not parse has its
/// default. Ours is read strictly, because a wrong position would silently lose messages.
struct JoinParameters {
    var start = ResumeStart.history(0)
    var accessToken: String?
    /// Broadcasts are answered.
    var acks = false
    /// Own broadcasts come back.
    var hearsItself = false
    var presenceKey: String?
    /// Nil: as the room has it.
    var presenceEnabled: Bool?
    var isPrivate = false
    /// The requested database changes, each echoed with an id.
    var databaseChanges: [JSONValue] = []

    init(_ payload: JSONValue) throws(Refusal) {
        accessToken = payload["access_token"]?.string ?? payload["user_token"]?.string
        try readStart(payload)
        guard let config = payload["config"], config.object != nil else { return }
        let broadcast = config["broadcast"]
        acks = Self.bool(broadcast?["ack"]) ?? false
        hearsItself = Self.bool(broadcast?["self"]) ?? false
        let presence = config["presence"]
        presenceKey = try Self.key(presence)
        presenceEnabled = Self.bool(presence?["enabled"])
        isPrivate = Self.bool(config["private"]) ?? false
        databaseChanges = config["postgres_changes"]?.array ?? []
    }

    private mutating func readStart(_ payload: JSONValue) throws(Refusal) {
        let history = try Self.history(payload)
        if let value = payload["position"], value != .null {
            guard let text = value.string, let position = Position(text) else {
                throw Refusal(
                    .invalidPayload, "position must be a position such as \"e1-42\"")
            }
            start = .position(position, orNewest: history ?? Limits.historyDefault)
        } else if let history {
            start = .history(history)
        }
    }

    /// The key a client wants to be shown under; nil where it gave none. Not read leniently:
    /// another key than the one it asked for would hide the client from itself.
    private static func key(_ presence: JSONValue?) throws(Refusal) -> String? {
        guard let key = presence?["key"]?.string, !key.isEmpty else { return nil }
        guard key.utf8.count <= Limits.presenceKeyBytes else {
            throw Refusal(
                .tooLarge,
                "a presence key has \(key.utf8.count) bytes, the limit is "
                    + "\(Limits.presenceKeyBytes)")
        }
        return key
    }

    private static func history(_ payload: JSONValue) throws(Refusal) -> Int? {
        guard let value = payload["history"], value != .null else { return nil }
        guard let count = value.integer, (0...Int64(Limits.historyMost)).contains(count) else {
            throw Refusal(
                .invalidPayload,
                "history must be a whole number from 0 to \(Limits.historyMost)")
        }
        return Int(count)
    }

    /// Some clients send booleans as text (WebSocket payloads of supabase-csharp, for one).
    private static func bool(_ value: JSONValue?) -> Bool? {
        if let bool = value?.bool { return bool }
        switch value?.string {
        case "true", "True": return true
        case "false", "False": return false
        case nil, _?: return nil
        }
    }

    /// The requests as the reply echoes them: same order, same fields, an integer id each, which
    /// clients compare with their own list and leave when it differs.
    var databaseChangesEcho: [UInt8] {
        var json = JSONWriter()
        json.array { json in
            for request in databaseChanges {
                json.object { json in
                    for member in request.object?.members ?? [] where member.name != "id" {
                        json.field(member.name, member.value)
                    }
                    json.field("id", Self.id(of: request))
                }
            }
        }
        return json.bytes
    }

    /// 27 bits, as Erlang's `phash2` gives: the Python client wants an int.
    private static func id(of request: JSONValue) -> Int {
        var hash: UInt32 = 0x811C_9DC5
        for byte in request.encoded() { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return Int(hash & 0x7FF_FFFF)
    }
}

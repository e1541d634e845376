package import JSON
import Resume

// Fields that rooms read from payloads, each with its bounds, so that every room refuses alike.

extension JSONValue {
    /// A text field of 1 to `maximum` Unicode scalars.
    package func text(_ field: String, atMost maximum: Int) throws(Refusal) -> String {
        guard let text = self[field]?.string else {
            throw Refusal(.invalidPayload, "\(field) must be a string")
        }
        guard !text.isEmpty else {
            throw Refusal(.invalidPayload, "\(field) must not be empty")
        }
        let length = text.unicodeScalars.count
        guard length <= maximum else {
            throw Refusal(
                .tooLarge, "\(field) has \(length) characters, the limit is \(maximum)")
        }
        guard !text.utf8.contains(0) else {
            throw Refusal(.unstorableText, "\(field) holds U+0000, which cannot be stored")
        }
        return text
    }

    /// The sender's own id of a message: 1 to 64 bytes.
    package func clientID() throws(Refusal) -> String {
        guard let id = self["client_id"]?.string else {
            throw Refusal(.invalidPayload, "client_id must be a string")
        }
        guard (1...Limits.clientIDBytes).contains(id.utf8.count) else {
            throw Refusal(
                .invalidPayload,
                "client_id has \(id.utf8.count) bytes, it must have 1 to \(Limits.clientIDBytes)")
        }
        guard !id.utf8.contains(0) else {
            throw Refusal(.unstorableText, "client_id holds U+0000, which cannot be stored")
        }
        return id
    }

    /// The `seq` of a position field, or nil where the field is absent.
    ///
    /// The epoch is not compared: a page of history is read from the log as it is now.
    package func seq(ofPosition field: String) throws(Refusal) -> Int64? {
        guard let value = self[field], value != .null else { return nil }
        guard let text = value.string, let position = Position(text) else {
            throw Refusal(
                .invalidPayload, "\(field) must be a position such as \"e1-42\"")
        }
        return position.seq
    }

    /// `{"before": position}` or `{"after": position}`, and `limit`.
    package func historyPage() throws(Refusal) -> HistoryPage {
        let before = try seq(ofPosition: "before")
        let after = try seq(ofPosition: "after")
        var limit = Limits.historyDefault
        if let value = self["limit"], value != .null {
            guard let asked = value.integer, (1...Int64(Limits.historyMost)).contains(asked) else {
                throw Refusal(
                    .invalidPayload, "limit must be a whole number from 1 to \(Limits.historyMost)")
            }
            limit = Int(asked)
        }
        switch (before, after) {
        case (let before?, nil): return HistoryPage(direction: .before(before), limit: limit)
        case (nil, let after?): return HistoryPage(direction: .after(after), limit: limit)
        case (nil, nil): return HistoryPage(direction: .newest, limit: limit)
        case (_?, _?):
            throw Refusal(.invalidPayload, "give either before or after, not both")
        }
    }
}

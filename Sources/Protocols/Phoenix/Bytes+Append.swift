import JSON

extension [UInt8] {
    mutating func append(literal: StaticString) {
        literal.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// The ref as JSON: the value the client sent, or null.
    mutating func append(ref: Ref?) {
        switch ref {
        case .text(let text): JSONText.append(text, to: &self)
        case .integer(let integer): append(contentsOf: integer.description.utf8)
        case nil: append(literal: "null")
        }
    }

    /// A Supabase broadcast's payload; realtime-py and supabase-kt read all of its members.
    mutating func appendBroadcast(event: String, payload: [UInt8], meta: [UInt8]?) {
        append(literal: #"{"type":"broadcast","event":"#)
        JSONText.append(event, to: &self)
        append(literal: #","payload":"#)
        append(contentsOf: payload)
        if let meta {
            append(literal: #","meta":"#)
            append(contentsOf: meta)
        }
        append(UInt8(ascii: "}"))
    }

    /// Room for `more` bytes, growing at least twofold: `reserveCapacity` alone grows to the
    /// exact size, which is quadratic when many frames are appended to one buffer.
    mutating func makeRoom(for more: Int) {
        let needed = count + more
        if needed > capacity { reserveCapacity(Swift.max(needed, 2 * capacity)) }
    }
}

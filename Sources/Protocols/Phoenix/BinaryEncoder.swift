/// Writes the server's binary frames, for V2 sockets only.
///
/// Which client decodes which kind differs: phoenix.js knows 0 to 2 and dies of 4, realtime-js
/// knows only 4. So JSON goes as text (``EnvelopeEncoder``), and a kind here is for binary data
/// or for a socket that has shown what it speaks.
package enum BinaryEncoder {
    /// Kind 0, without a ref in this direction. Throws `.tooLong` beyond 255 bytes of a part.
    package static func push(
        _ event: String, _ data: [UInt8], joinRef: Ref?, topic: String, into frame: inout [UInt8]
    ) throws(EnvelopeError) {
        let joinRef = joinRef?.description ?? ""
        try append(
            .push, [(.joinRef, joinRef), (.topic, topic), (.event, event)], data, &frame)
    }

    /// Kind 1. Throws `.tooLong` beyond 255 bytes of a part.
    package static func reply(
        _ status: ReplyStatus, _ data: [UInt8], to ref: Ref?, joinRef: Ref?, topic: String,
        into frame: inout [UInt8]
    ) throws(EnvelopeError) {
        let parts: [Part] = [
            (.joinRef, joinRef?.description ?? ""), (.ref, ref?.description ?? ""),
            (.topic, topic), (.status, status.rawValue),
        ]
        try append(.reply, parts, data, &frame)
    }

    /// Kind 2. Throws `.tooLong` beyond 255 bytes of a part.
    package static func broadcast(
        _ event: String, _ data: [UInt8], topic: String, into frame: inout [UInt8]
    ) throws(EnvelopeError) {
        try append(.broadcast, [(.topic, topic), (.event, event)], data, &frame)
    }

    /// Kind 4: `04 | topicLen | eventLen | metaLen | enc | topic event meta payload`. Throws
    /// `.tooLong` beyond 255 bytes of a part.
    package static func userBroadcast(
        _ broadcast: UserBroadcast, topic: String, into frame: inout [UInt8]
    ) throws(EnvelopeError) {
        let lengths = [
            try length(topic.utf8.count, .topic), try length(broadcast.event.utf8.count, .event),
            try length(broadcast.metadata.count, .metadata),
        ]
        frame.makeRoom(
            for: 5 + broadcast.payload.count + lengths.reduce(0) { $0 + Int($1) })
        frame.append(BinaryKind.userBroadcast.rawValue)
        frame.append(contentsOf: lengths)
        frame.append(broadcast.isJSON ? 1 : 0)
        frame.append(contentsOf: topic.utf8)
        frame.append(contentsOf: broadcast.event.utf8)
        frame.append(contentsOf: broadcast.metadata)
        frame.append(contentsOf: broadcast.payload)
    }

    typealias Part = (field: EnvelopeError.Field, text: String)

    /// The kind, the parts' lengths, the parts, the data.
    static func append(
        _ kind: BinaryKind, _ parts: [Part], _ data: [UInt8], _ frame: inout [UInt8]
    ) throws(EnvelopeError) {
        var header = [kind.rawValue]
        for part in parts { header.append(try length(part.text.utf8.count, part.field)) }
        frame.makeRoom(for: header.count + 255 * parts.count + data.count)
        frame.append(contentsOf: header)
        for part in parts { frame.append(contentsOf: part.text.utf8) }
        frame.append(contentsOf: data)
    }

    static func length(
        _ length: Int, _ field: EnvelopeError.Field
    ) throws(EnvelopeError) -> UInt8 {
        guard let byte = UInt8(exactly: length) else { throw .tooLong(field) }
        return byte
    }
}

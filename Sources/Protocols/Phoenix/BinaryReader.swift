/// The first byte of a binary frame (V2 only).
///
/// Sources: Phoenix `v2_json_serializer.ex` (0 to 2), Supabase Realtime
/// `lib/realtime_web/socket/v2_serializer.ex` (3 and 4).
enum BinaryKind: UInt8 {
    /// Both ways, but only a client's has a ref.
    case push = 0
    case reply = 1
    case broadcast = 2
    case userBroadcastPush = 3
    case userBroadcast = 4
}

/// Takes a binary frame apart from the front: first the lengths, then the parts.
struct BinaryReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func byte() throws(EnvelopeError) -> UInt8 {
        guard position < bytes.count else { throw .truncatedBinary }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func data(_ length: UInt8) throws(EnvelopeError) -> [UInt8] {
        Array(try slice(length))
    }

    private mutating func slice(_ length: UInt8) throws(EnvelopeError) -> ArraySlice<UInt8> {
        let end = position + Int(length)
        guard end <= bytes.count else { throw .truncatedBinary }
        defer { position = end }
        return bytes[position..<end]
    }

    mutating func text(
        _ field: EnvelopeError.Field, _ length: UInt8
    ) throws(EnvelopeError) -> String {
        guard Int(length) <= field.maximumBytes else { throw .tooLong(field) }
        guard let text = String(validating: try slice(length), as: UTF8.self) else {
            throw .invalidUTF8(field)
        }
        return text
    }

    /// An empty ref is no ref: binary frames have no null.
    mutating func ref(
        _ field: EnvelopeError.Field, _ length: UInt8
    ) throws(EnvelopeError) -> Ref? {
        let text = try text(field, length)
        return text.isEmpty ? nil : .text(text)
    }

    mutating func userBroadcast(
        eventLength: UInt8, metadataLength: UInt8, encoding: UInt8
    ) throws(EnvelopeError) -> UserBroadcast {
        guard encoding <= 1 else { throw .unknownEncoding(encoding) }
        return UserBroadcast(
            event: try text(.event, eventLength), metadata: try data(metadataLength),
            payload: rest(), isJSON: encoding == 1)
    }

    mutating func rest() -> [UInt8] {
        defer { position = bytes.count }
        return Array(bytes[position...])
    }
}

package import JSON

/// Why a frame is not an envelope. The peer's fault; the socket stays open, as in Phoenix.
package enum EnvelopeError: Error, Equatable, Sendable {
    /// The part of an envelope an error is about, by its name on the wire.
    package enum Field: String, CaseIterable, Sendable {
        case joinRef = "join_ref"
        case ref, topic, event, payload, metadata, status, response
    }

    /// Not JSON; there is nobody to reply to.
    case malformed(JSONError)
    /// An envelope whose JSON escapes a lone surrogate, which no client could be given. The
    /// sender can be told, because the rest was read.
    case unstorableText(Envelope.Address)
    /// V2 wants `[join_ref, ref, topic, event, payload]`.
    case notAnArray
    /// V1 wants an object.
    case notAnObject
    case missingField(Field)
    case wrongType(Field)
    case tooLong(Field)
    /// A part of a binary frame that must be text is not UTF-8.
    case invalidUTF8(Field)
    /// V1 has no binary frames.
    case binaryOnV1
    /// A binary frame ends before what its lengths promise.
    case truncatedBinary
    /// The first byte of a binary frame names no kind this side accepts.
    case unknownBinaryKind(UInt8)
    /// A user broadcast says neither binary (0) nor JSON (1).
    case unknownEncoding(UInt8)

    /// For people: what was expected. Never contains what the peer sent.
    package var reason: String {
        switch self {
        case .malformed(let error): error.reason
        case .unstorableText: JSONError.unstorableText.reason
        case .notAnArray: "expected an array [join_ref, ref, topic, event, payload]"
        case .notAnObject: "expected an object with topic, event, payload and ref"
        case .missingField(let field): "\(field.rawValue) is missing"
        case .wrongType(let field): "\(field.rawValue) has the wrong type"
        case .tooLong(let field): "\(field.rawValue) is longer than \(field.maximumBytes) bytes"
        case .invalidUTF8(let field): "\(field.rawValue) is not UTF-8"
        case .binaryOnV1: "binary frames need vsn=2.0.0"
        case .truncatedBinary: "the binary frame ends too early"
        case .unknownBinaryKind(let kind): "unknown kind of binary frame: \(kind)"
        case .unknownEncoding(let encoding): "unknown encoding of a broadcast: \(encoding)"
        }
    }
}

extension EnvelopeError.Field {
    /// How long a text of this field may be, in bytes of UTF-8.
    var maximumBytes: Int {
        switch self {
        case .joinRef, .ref: Ref.maximumBytes
        case .topic: Envelope.maximumTopicBytes
        case .event: Envelope.maximumEventBytes
        // One length byte each in binary frames; the rest of the frame has the frame's limit.
        case .metadata, .status: 255
        case .payload, .response: JSONParser.defaultMaximumBytes
        }
    }
}

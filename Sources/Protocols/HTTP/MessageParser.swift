import CHTTPParser

/// One message through http-parser: the only place that touches it, and its pointers.
///
/// Takes the head whole, so that every field comes in one piece, then the body in any pieces.
/// A new message needs a new `begin`.
final class MessageParser {
    enum Kind { case request, response }

    private var parser = http_parser()
    private var fields: [Headers.Field] = []
    private var headStart: UnsafePointer<CChar>?
    private var headIsComplete = false
    private var maximumBodyBytes = 0
    private var bodyIsTooLarge = false

    private(set) var body: [UInt8] = []
    private(set) var isComplete = false
    private(set) var keepAlive = false
    private(set) var isUpgrade = false

    /// Of a response; zero before its head is complete.
    var statusCode: Int { Int(parser.status_code) }

    func begin(_ kind: Kind, maximumBodyBytes: Int) {
        switch kind {
        case .request: http_parser_init(&parser, HTTP_REQUEST)
        case .response: http_parser_init(&parser, HTTP_RESPONSE)
        }
        self.maximumBodyBytes = maximumBodyBytes
        fields = []
        body = []
        headIsComplete = false
        bodyIsTooLarge = false
        isComplete = false
        keepAlive = false
        isUpgrade = false
    }

    /// `bytes` is one whole head, from its first line to its empty line.
    ///
    /// Throws when http-parser does not take it, or takes it for more or less than one head.
    func parseHead(_ bytes: [UInt8]) throws(HTTPError) -> Headers {
        let consumed = bytes.withUnsafeBytes { head in
            headStart = head.bindMemory(to: CChar.self).baseAddress
            return execute(head)
        }
        headStart = nil
        guard headIsComplete, consumed == bytes.count else { throw headError }
        let trimmed = fields.map { field in
            Headers.Field(name: field.name, value: Headers.trimmed(field.value, of: bytes))
        }
        return Headers(bytes: bytes, fields: trimmed)
    }

    private var headError: HTTPError {
        switch http_errno(parser.http_errno) {
        case HPE_UNEXPECTED_CONTENT_LENGTH: .conflictingLength
        case HPE_INVALID_CONTENT_LENGTH: .invalidContentLength
        case HPE_INVALID_TRANSFER_ENCODING: .unsupportedTransferCoding
        case HPE_INVALID_URL, HPE_INVALID_HOST, HPE_INVALID_PATH, HPE_INVALID_PORT: .invalidTarget
        default: .invalidHeader
        }
    }

    /// Takes what belongs to the body and returns how many bytes that was; stops behind the
    /// message's last byte.
    func parseBody(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> Int {
        let consumed = bytes.withUnsafeBytes { execute($0) }
        if bodyIsTooLarge { throw .bodyTooLarge }
        guard isComplete || consumed == bytes.count else { throw .malformedBody }
        return consumed
    }

    /// Hands over the collected body; the parser keeps no copy.
    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private func execute(_ bytes: UnsafeRawBufferPointer) -> Int {
        // http-parser only borrows us, for the length of this call: `self` outlives it.
        parser.data = Unmanaged.passUnretained(self).toOpaque()
        defer { parser.data = nil }
        return withUnsafePointer(to: MessageParser.callbacks) { callbacks in
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            return http_parser_execute(&parser, callbacks, base, bytes.count)
        }
    }

    // MARK: What http-parser tells

    private func sawName(_ start: UnsafePointer<CChar>, _ count: Int) {
        // Without `headStart` it is a trailer: allowed (RFC 9112 §7.1.2), of no use to us.
        guard let headStart else { return }
        let offset = start - headStart
        fields.append(Headers.Field(name: offset..<offset + count, value: 0..<0))
    }

    private func sawValue(_ start: UnsafePointer<CChar>, _ count: Int) {
        guard let headStart, !fields.isEmpty else { return }
        let offset = start - headStart
        fields[fields.count - 1].value = offset..<offset + count
    }

    /// Returns false when the body outgrows its limit: http-parser then stops.
    private func sawBody(_ start: UnsafePointer<CChar>, _ count: Int) -> Bool {
        guard count <= maximumBodyBytes - body.count else {
            bodyIsTooLarge = true
            return false
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
        return true
    }

    private func sawEnd(_ parser: UnsafeMutablePointer<http_parser>) {
        isComplete = true
        keepAlive = http_should_keep_alive(parser) != 0
        isUpgrade = parser.pointee.upgrade != 0
        // The next bytes are another message's, or another protocol's.
        http_parser_pause(parser, 1)
    }

    private static func owner(
        of parser: UnsafeMutablePointer<http_parser>?
    ) -> (MessageParser, UnsafeMutablePointer<http_parser>) {
        guard let parser, let data = parser.pointee.data else {
            preconditionFailure("http-parser called back outside of execute")
        }
        return (Unmanaged<MessageParser>.fromOpaque(data).takeUnretainedValue(), parser)
    }

    /// What C calls: written once, then only read.
    private static let callbacks: http_parser_settings = {
        var callbacks = http_parser_settings()
        callbacks.on_header_field = { parser, start, count in
            if let start { MessageParser.owner(of: parser).0.sawName(start, count) }
            return 0
        }
        callbacks.on_header_value = { parser, start, count in
            if let start { MessageParser.owner(of: parser).0.sawValue(start, count) }
            return 0
        }
        callbacks.on_headers_complete = { parser in
            MessageParser.owner(of: parser).0.headIsComplete = true
            return 0
        }
        callbacks.on_body = { parser, start, count in
            guard let start else { return 0 }
            return MessageParser.owner(of: parser).0.sawBody(start, count) ? 0 : -1
        }
        callbacks.on_message_complete = { parser in
            let (owner, parser) = MessageParser.owner(of: parser)
            owner.sawEnd(parser)
            return 0
        }
        return callbacks
    }()
}

/// One response, as a client reads it.
package struct ReceivedResponse: Sendable {
    /// Three digits as they came, also such as ``Status`` does not name.
    package let statusCode: Int
    /// The fields, checked.
    package let headers: Headers
    /// The content, transfer coding removed.
    package let body: [UInt8]

    /// Whether the server changed the protocol: what follows is not HTTP.
    package let isUpgrade: Bool
}

/// The responses of one connection, as a client reads them: for the load harness and the tests.
///
/// Responses to HEAD and those that end with the connection are not supported: ours never do.
package final class ResponseParser {
    private let maximumBodyBytes: Int
    private let parser = MessageParser()
    private var scanner = HeadScanner()
    private var headers: Headers?
    private var buffer: [UInt8] = []

    /// - Parameter maximumBodyBytes: a longer body is an error.
    package init(maximumBodyBytes: Int = RequestParser.defaultMaximumBodyBytes) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Takes bytes in; call ``next()`` until it returns nil afterwards.
    package func feed(_ bytes: RawSpan) throws(HTTPError) {
        let limit = maximumBodyBytes + RequestParser.maximumPendingBytes
        guard bytes.byteCount <= limit - buffer.count else { throw .tooManyPendingBytes }
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// What was fed and not handed out.
    package var leftover: [UInt8] { buffer }

    /// The next whole response, or nil when more bytes are needed. After an error or an upgrade
    /// the parser is of no further use.
    package func next() throws(HTTPError) -> ReceivedResponse? {
        if headers == nil {
            guard let end = try scanner.end(in: buffer) else { return nil }
            parser.begin(.response, maximumBodyBytes: maximumBodyBytes)
            let parsed = try parser.parseHead(Array(buffer[scanner.start..<end]))
            try parsed.validate()
            headers = parsed
            buffer.removeSubrange(..<end)
            scanner = HeadScanner()
        }
        if !parser.isComplete, !buffer.isEmpty {
            let consumed = try parser.parseBody(buffer[...])
            buffer.removeSubrange(..<consumed)
        }
        guard parser.isComplete, let headers else { return nil }
        self.headers = nil
        return ReceivedResponse(
            statusCode: parser.statusCode, headers: headers, body: parser.takeBody(),
            isUpgrade: parser.isUpgrade)
    }
}

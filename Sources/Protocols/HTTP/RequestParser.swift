/// The requests of one connection: bytes in, whole requests out, one at a time.
///
///     feed ──▶ head ──▶ body ──▶ head …
///                 └──▶ upgraded: whatever follows is `leftover`
///
/// http-parser does the parsing; around it stand the checks it leaves out. An error ends the
/// connection: it is thrown again by every later call. Confined to its connection's loop.
package final class RequestParser {
    /// Largest body unless the caller says otherwise: the same as for a WebSocket message, so that
    /// a publish fits through either door.
    package static let defaultMaximumBodyBytes = 1024 * 1024

    /// What a chunked body may spend on chunk sizes, extensions and trailers: a body of 1 MiB in
    /// chunks of 128 bytes spends 57 KiB. Without this, extensions could flow for ever.
    static let maximumChunkOverheadBytes = 64 * 1024

    /// What may wait beyond one whole request: a read of the event loop, and pipelined requests.
    static let maximumPendingBytes = 256 * 1024

    private enum State {
        /// Waiting for the head's end.
        case head
        /// The head is read, its request waits for the rest of its body.
        case body(Request, received: Int)
        /// An upgrade was handed out.
        case upgraded
        case failed(HTTPError)
    }

    private let maximumBodyBytes: Int
    private let parser = MessageParser()
    private var scanner = HeadScanner()
    private var state = State.head
    private var buffer: [UInt8] = []
    /// How much of the buffer is used up. It is cut off once a read, not once a request: a read
    /// full of tiny pipelined requests would otherwise be moved as often as it holds requests.
    private var used = 0

    /// - Parameter maximumBodyBytes: a longer body is refused, before it comes if it is announced.
    package init(maximumBodyBytes: Int = RequestParser.defaultMaximumBodyBytes) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Takes bytes in; call ``next()`` until it returns nil afterwards.
    package func feed(_ bytes: RawSpan) throws(HTTPError) {
        if case .failed(let error) = state { throw error }
        if used > 0 {
            buffer.removeSubrange(..<used)
            used = 0
            scanner = HeadScanner()
        }
        let limit = maximumBodyBytes + RequestParser.maximumPendingBytes
        guard bytes.byteCount <= limit - buffer.count else { throw fail(.tooManyPendingBytes) }
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// The next whole request, or nil when more bytes are needed or the connection is upgraded.
    package func next() throws(HTTPError) -> Request? {
        do throws(HTTPError) {
            return try advance()
        } catch {
            throw fail(error)
        }
    }

    /// What was fed and not handed out; after an upgrade, the new protocol's first bytes.
    package var leftover: [UInt8] { Array(buffer[used...]) }

    /// Whether the peer waits for `100 Continue` before it sends its body (RFC 9110 §10.1.1).
    package var awaitsContinue: Bool {
        guard case .body(let request, received: 0) = state else { return false }
        return request.version == .http11 && request.headers["expect"] != nil
    }

    private func advance() throws(HTTPError) -> Request? {
        switch state {
        case .failed(let error): throw error
        case .upgraded: return nil
        case .head:
            guard let end = try scanner.end(in: buffer) else { return nil }
            let request = try parseHead(Array(buffer[scanner.start..<end]))
            used = end
            return try finish(request, received: 0)
        case .body(let request, let received):
            return try finish(request, received: received)
        }
    }

    private func parseHead(_ head: [UInt8]) throws(HTTPError) -> Request {
        let line = try RequestLine(head[..<(head.firstIndex(of: .carriageReturn) ?? head.endIndex)])
        parser.begin(.request, maximumBodyBytes: maximumBodyBytes)
        let headers = try parser.parseHead(head)
        try headers.validate()
        try RequestParser.checkHost(headers, line.version)
        let framing = try Framing(headers, line.version)
        if case .length(let length) = framing, length > maximumBodyBytes { throw .bodyTooLarge }
        if let expectation = headers["expect"], expectation.lowercased() != "100-continue" {
            throw .unknownExpectation
        }
        return Request(
            method: line.method, path: line.path, query: line.query, version: line.version,
            headers: headers, body: [], keepAlive: false, isUpgrade: false)
    }

    /// Reads on in the body; returns the request once it is whole.
    private func finish(_ request: Request, received: Int) throws(HTTPError) -> Request? {
        var received = received
        if !parser.isComplete, used < buffer.count {
            let consumed = try parser.parseBody(buffer[used...])
            used += consumed
            received += consumed
            // No body is larger than its limit, so this neither overflows nor trusts a number.
            guard received - parser.body.count <= RequestParser.maximumChunkOverheadBytes else {
                throw .malformedBody
            }
        }
        guard parser.isComplete else {
            state = .body(request, received: received)
            return nil
        }
        var whole = request
        whole.body = parser.takeBody()
        whole.keepAlive = parser.keepAlive
        // RFC 9110 §7.8: Upgrade in an HTTP/1.0 request must be ignored.
        whole.isUpgrade = parser.isUpgrade && request.version == .http11
        state = whole.isUpgrade ? .upgraded : .head
        if used == buffer.count { emptyBuffer() }
        scanner = HeadScanner(at: used)
        return whole
    }

    private func fail(_ error: HTTPError) -> HTTPError {
        state = .failed(error)
        emptyBuffer()
        return error
    }

    /// Gives the buffer's memory back: an idle connection holds none.
    private func emptyBuffer() {
        buffer = []
        used = 0
    }

    /// HTTP/1.1 requires exactly one Host, of sensible characters (RFC 9112 §3.2); HTTP/1.0 may
    /// leave it out.
    private static func checkHost(_ headers: Headers, _ version: Version) throws(HTTPError) {
        let hosts = headers.values(of: "host")
        guard hosts.count <= 1 else { throw .duplicateHost }
        guard let host = hosts.first else {
            guard version == .http10 else { throw .missingHost }
            return
        }
        guard host.utf8.allSatisfy(\.isHostCharacter) else { throw .invalidHost }
    }
}

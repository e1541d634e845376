/// How long a message's body is, as its fields say (RFC 9112 §6).
enum Framing: Equatable {
    case none
    case length(Int)
    case chunked

    init(_ headers: Headers, _ version: Version) throws(HTTPError) {
        let lengths = headers.values(of: "content-length")
        let codings = headers.values(of: "transfer-encoding")
        // Both at once is how requests are smuggled (§6.1, §6.3, §11.2).
        guard lengths.isEmpty || codings.isEmpty else { throw .conflictingLength }
        if !codings.isEmpty {
            // HTTP/1.0 has no transfer codings: its framing is faulty (§6.1).
            guard version == .http11 else { throw .unsupportedTransferCoding }
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw .unsupportedTransferCoding
            }
            self = .chunked
            return
        }
        // Equal repetitions might be merged (§6.3); nobody honest sends them.
        guard lengths.count <= 1 else { throw .conflictingLength }
        guard let text = lengths.first else {
            self = .none
            return
        }
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit) else { throw .invalidContentLength }
        guard let length = Int(text) else { throw .bodyTooLarge }
        self = length == 0 ? .none : .length(length)
    }
}

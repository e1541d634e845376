/// The request methods this server knows; any other is answered with 501 (RFC 9110 §9.1).
package enum Method: String, CaseIterable, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
}

/// The versions this server speaks. A higher minor version is treated as 1.1 (RFC 9110 §2.5).
package enum Version: Sendable {
    case http10, http11
}

/// One whole request, body included.
package struct Request: Sendable {
    /// What is to be done with the target.
    package let method: Method

    /// The path as sent, still percent-encoded, always starting with a slash, or `*`.
    package let path: String

    /// What follows the first question mark, still encoded; empty when there is none.
    package let query: String

    /// What the peer speaks; the answer is always HTTP/1.1 (RFC 9110 §2.5).
    package let version: Version
    /// The fields, checked. Trailers of a chunked body are not among them.
    package let headers: Headers
    /// The content, transfer coding removed, at most what the parser allows.
    package internal(set) var body: [UInt8]

    /// Whether the peer expects the connection to stay open after the answer (RFC 9112 §9.3).
    package internal(set) var keepAlive: Bool

    /// Whether the peer asks for another protocol. Nothing after this request is parsed: either
    /// the connection becomes that protocol, or the answer closes it.
    package internal(set) var isUpgrade: Bool

    /// The path's segments, percent-decoded one by one, so that `%2F` stays inside its segment.
    ///
    /// Nil when an escape is malformed or a segment is not UTF-8. `/` has one empty segment.
    package var pathSegments: [String]? {
        var segments: [String] = []
        for raw in path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            guard let segment = PercentEncoding.decode(raw) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// Whether the host that is asked for is this machine by an address or a name that no DNS can
    /// point elsewhere: `127.…`, `[::1]` or `localhost`, with any port. HTTP/1.0 may name none.
    package var isForLoopback: Bool {
        guard let field = headers["host"] else { return true }
        let isBare = field.utf8.last == UInt8(ascii: "]")
        let port = isBare ? nil : field.utf8.lastIndex(of: UInt8(ascii: ":"))
        let host = field[..<(port ?? field.endIndex)].lowercased()
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

import HTTP

/// Runs bytes through a parser in given pieces and collects what comes out.
struct Exchange {
    var requests: [Request] = []
    var error: HTTPError?
    var leftover: [UInt8] = []

    init(
        _ pieces: [ArraySlice<UInt8>],
        maximumBodyBytes: Int = RequestParser.defaultMaximumBodyBytes
    ) {
        let parser = RequestParser(maximumBodyBytes: maximumBodyBytes)
        do throws(HTTPError) {
            for piece in pieces {
                try parser.feed(piece.span.bytes)
                while let request = try parser.next() { requests.append(request) }
            }
        } catch {
            self.error = error
        }
        leftover = parser.leftover
    }

    init(_ text: String, maximumBodyBytes: Int = RequestParser.defaultMaximumBodyBytes) {
        self.init([text.bytes[...]], maximumBodyBytes: maximumBodyBytes)
    }
}

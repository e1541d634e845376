import Testing

@testable import HTTP

@Suite("RFC 9110 §5")
struct HeadersTests {
    private let headers = Headers([
        ("Accept", "a, b"), ("X", "1"), ("accept", " C ,,d "), ("Empty", ""),
    ])

    @Test func `names are found without case, the first value first`() {
        #expect(headers["ACCEPT"] == "a, b")
        #expect(headers["accep"] == nil)
        #expect(headers["Empty"] == "")
        #expect(headers.values(of: "aCCept") == ["a, b", " C ,,d "])
    }

    @Test func `lists run over all lines, trimmed, without empty members`() {
        #expect(headers.list("accept") == ["a", "b", "C", "d"])
        #expect(headers.list("empty").isEmpty)
        #expect(headers.list("accept", contains: "c"))
        #expect(!headers.list("accept", contains: "a, b"))
    }

    @Test func `bytes that are not UTF-8 are replaced`() {
        let request = Exchange("GET / HTTP/1.1\r\nHost: a\r\nX: \u{FF}\r\n\r\n").requests.first
        #expect(request?.headers["x"] == "\u{FFFD}")
    }
}

import Testing

@testable import HTTP

@Suite("RFC 9112 §3, RFC 6585 §5: limits of a head")
struct HeadScannerTests {
    private func request(target: Int) -> String {
        "GET /" + String(repeating: "a", count: target - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    private func request(fieldBytes: Int) -> String {
        let rest = "Host: a\r\nX: \r\n\r\n".utf8.count
        let value = String(repeating: "v", count: fieldBytes - rest)
        return "GET / HTTP/1.1\r\nHost: a\r\nX: \(value)\r\n\r\n"
    }

    private func request(fields: Int) -> String {
        "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: 1\r\n", count: fields - 1) + "\r\n"
    }

    @Test func `a target of 8 KiB is taken, one byte more is not`() {
        let longest = Exchange(request(target: 8192))
        #expect(longest.requests.first?.path.utf8.count == 8192)
        let longer = Exchange(request(target: 8193))
        #expect(longer.error == .targetTooLong)
    }

    @Test func `a first line without end is refused at its limit`() {
        let line = "GET /" + String(repeating: "a", count: 8192 + 32 - 5)
        let waiting = Exchange(line)
        #expect(waiting.error == nil)
        let refused = Exchange(line + "aa")
        #expect(refused.error == .targetTooLong)
    }

    @Test func `fields of 16 KiB are taken, one byte more is not`() {
        let longest = Exchange(request(fieldBytes: 16 * 1024))
        #expect(longest.error == nil)
        #expect(longest.requests.count == 1)
        let longer = Exchange(request(fieldBytes: 16 * 1024 + 1))
        #expect(longer.error == .headersTooLarge)
    }

    @Test func `fields without end are refused at their limit`() {
        let start = "GET / HTTP/1.1\r\n"
        let waiting = Exchange(start + String(repeating: "a", count: 16 * 1024))
        #expect(waiting.error == nil)
        let refused = Exchange(start + String(repeating: "a", count: 16 * 1024 + 2))
        #expect(refused.error == .headersTooLarge)
    }

    @Test func `a hundred fields are taken, one more is not`() {
        let most = Exchange(request(fields: 100))
        #expect(most.requests.first?.headers.count == 100)
        let more = Exchange(request(fields: 101))
        #expect(more.error == .tooManyHeaders)
    }

    @Test func `the limits are the same byte by byte`() {
        for text in [request(target: 8193), request(fieldBytes: 16 * 1024 + 1)] {
            let whole = Exchange(text)
            let singly = Exchange(text.bytes.singly)
            #expect(singly.error == whole.error)
        }
        for text in [request(target: 8192), request(fieldBytes: 16 * 1024)] {
            let singly = Exchange(text.bytes.singly)
            #expect(singly.requests.count == 1)
        }
    }
}

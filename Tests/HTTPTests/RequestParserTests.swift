import Basics
import Testing

@testable import HTTP

@Suite("RFC 9112")
struct RequestParserTests {
    private let post = "POST / HTTP/1.1\r\nHost: a\r\n"

    private func fed(_ text: String) throws(HTTPError) -> RequestParser {
        let parser = RequestParser()
        try parser.feed(text.bytes.span.bytes)
        return parser
    }

    @Test func `pipelined requests are handed out one at a time`() throws {
        let get = "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n"
        let text = (1...3).map { get.replacing("%d", with: String($0)) }.joined()
        let parser = try fed(text)
        var paths: [String?] = []
        for _ in 0..<4 { paths.append(try parser.next()?.path) }
        #expect(paths == ["/1", "/2", "/3", nil])
    }

    @Test func `a read may hold many requests and the beginning of one`() throws {
        let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
        let parser = try fed(String(repeating: get, count: 1_000) + get.prefix(20))
        var count = 0
        while try parser.next() != nil { count += 1 }
        #expect(count == 1_000)
        #expect(parser.leftover == String(get.prefix(20)).bytes)
        try feed(String(get.dropFirst(20)) + "\r\n" + get, to: parser)
        let last = [try parser.next()?.path, try parser.next()?.path, try parser.next()?.path]
        #expect(last == ["/a", "/a", nil])
        #expect(parser.leftover.isEmpty)
    }

    @Test func `an error is thrown again by every later call`() throws {
        let parser = try fed("nonsense\r\n\r\n")
        #expect(throws: HTTPError.malformedRequestLine) { try parser.next() }
        #expect(throws: HTTPError.malformedRequestLine) { try parser.next() }
        #expect(throws: HTTPError.malformedRequestLine) { try feed("GET", to: parser) }
        #expect(parser.leftover.isEmpty)
    }

    @Test func `after an upgrade nothing is parsed and nothing lost`() throws {
        let upgrade = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
        let parser = try fed(upgrade + "GET ")
        let request = try parser.next()
        #expect(request?.isUpgrade == true)
        try feed("/ HTTP/1.1\r\n\r\n", to: parser)
        let next = try parser.next()
        #expect(next == nil)
        #expect(parser.leftover == "GET / HTTP/1.1\r\n\r\n".bytes)
    }

    @Test func `what waits unparsed is bounded`() throws {
        let parser = RequestParser(maximumBodyBytes: 0)
        let most = [UInt8](repeating: 0x41, count: RequestParser.maximumPendingBytes)
        try parser.feed(most.span.bytes)
        #expect(throws: HTTPError.tooManyPendingBytes) { try feed("A", to: parser) }
    }

    @Test func `the overhead of chunks is bounded`() {
        let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"
        let chunk = "1;" + String(repeating: "x", count: 995) + "\r\na\r\n"
        let inside = Exchange(chunked + String(repeating: chunk, count: 60) + "0\r\n\r\n")
        #expect(inside.requests.first?.body.count == 60)
        let beyond = Exchange(chunked + String(repeating: chunk, count: 70) + "0\r\n\r\n")
        #expect(beyond.error == .malformedBody)
    }

    @Test func `trailers do not become fields`() {
        let text = post + "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: evil\r\nX: y\r\n\r\n"
        let request = Exchange(text).requests.first
        #expect(request?.headers["x"] == nil)
        #expect(request?.headers["host"] == "a")
    }

    @Test func `a peer that waits for 100 Continue can be told`() throws {
        let parser = try fed(post + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(!parser.awaitsContinue)
        let early = try parser.next()
        #expect(early == nil)
        #expect(parser.awaitsContinue)
        try feed("o", to: parser)
        _ = try parser.next()
        #expect(!parser.awaitsContinue)
        try feed("k", to: parser)
        let request = try parser.next()
        #expect(request?.body == "ok".bytes)
    }

    @Test func `a body of 1 MiB arrives whole, in pieces`() throws {
        let parser = try fed(post + "Content-Length: 1048576\r\n\r\n")
        let piece = [UInt8](repeating: 9, count: 65_536)
        for index in 0..<16 {
            let early = try parser.next()
            #expect(early == nil, "piece \(index)")
            try parser.feed(piece.span.bytes)
        }
        let request = try parser.next()
        #expect(request?.body.count == 1_048_576)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `five hundred mutated requests harm nobody`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let seeds = [
            post + "Content-Length: 5\r\n\r\nhello",
            post + "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
            "GET /a?b=%20 HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nxyz",
        ]
        for _ in 0..<500 {
            var bytes = seeds.randomElement(using: &random)!.bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default:
                    let blanks = Array("\r\n\t :".utf8).shuffled(using: &random)
                    bytes.insert(contentsOf: blanks, at: index)
                }
            }
            let whole = Exchange([bytes[...]])
            let singly = Exchange(bytes.singly)
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(whole.error == singly.error, "seed \(seed): \(text)")
            #expect(whole.requests.count == singly.requests.count, "seed \(seed): \(text)")
            #expect(whole.leftover == singly.leftover, "seed \(seed): \(text)")
        }
    }

    private func feed(_ text: String, to parser: RequestParser) throws(HTTPError) {
        try parser.feed(text.bytes.span.bytes)
    }
}

import HTTP
import Testing

/// One entry of `http-requests.json`.
struct RequestVector: Decodable {
    struct Expected: Decodable, Equatable {
        let method: String
        let path: String
        let query: String
        let version: String
        let headers: [[String]]
        let body: String
        let keepAlive: Bool
        let upgrade: Bool
    }

    let name: String
    let maximumBody: Int?
    let text: String
    let requests: [Expected]
    let error: String?
    let status: Int?
    let leftover: String?
}

extension RequestVector.Expected {
    init(_ request: Request) {
        method = request.method.rawValue
        path = request.path
        query = request.query
        version = request.version == .http10 ? "1.0" : "1.1"
        headers = request.headers.pairs.map { [$0.name, $0.value] }
        body = String(decoding: request.body, as: UTF8.self)
        keepAlive = request.keepAlive
        upgrade = request.isUpgrade
    }
}

@Suite("Protocol/vectors/http-requests.json")
struct RequestVectorTests {
    static let vectors = Result { try Vectors.load("http-requests", as: RequestVector.self) }

    @Test func `the vectors are there`() throws {
        let count = try Self.vectors.get().count
        #expect(count > 90)
    }

    @Test func `every vector gives its requests whole, byte by byte, and cut anywhere`() throws {
        for vector in try Self.vectors.get() {
            let bytes = vector.text.bytes
            check(vector, [bytes[...]], "whole")
            check(vector, bytes.singly, "byte by byte")
            for index in bytes.indices { check(vector, bytes.cut(at: index), "cut at \(index)") }
        }
    }

    private func check(_ vector: RequestVector, _ pieces: [ArraySlice<UInt8>], _ how: String) {
        let maximum = vector.maximumBody ?? RequestParser.defaultMaximumBodyBytes
        let exchange = Exchange(pieces, maximumBodyBytes: maximum)
        let requests = exchange.requests.map(RequestVector.Expected.init)
        #expect(requests == vector.requests, "\(vector.name), \(how)")
        #expect(exchange.error?.rawValue == vector.error, "\(vector.name), \(how)")
        #expect(exchange.error?.status.rawValue == vector.status, "\(vector.name), \(how)")
        if let leftover = vector.leftover {
            #expect(exchange.leftover == leftover.bytes, "\(vector.name), \(how)")
        }
    }
}

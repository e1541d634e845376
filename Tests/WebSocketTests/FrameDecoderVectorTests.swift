import Testing
import WebSocket

/// One entry of `websocket-frames.json`.
struct FrameVector: Decodable {
    struct Event: Decodable {
        let text: String?
        let binary: String?
        let ping: String?
        let pong: String?
        let close: UInt16?
        let reason: String?

        var event: FrameDecoder.Event {
            if let text { return .message(.text, Array(text.utf8)) }
            if let binary { return .message(.binary, Array(hex: binary)) }
            if let ping { return .ping(Array(hex: ping)) }
            if let pong { return .pong(Array(hex: pong)) }
            return .close(close.map(CloseCode.init(rawValue:)), reason: reason ?? "")
        }
    }

    let name: String
    let role: String
    let compression: Bool
    let maximum: UInt32?
    let bytes: String
    let events: [Event]
    let error: String?
    let code: UInt16?

    var expected: (events: [FrameDecoder.Event], error: ProtocolError?) {
        (events.map(\.event), error.flatMap(ProtocolError.init(rawValue:)))
    }

    func run(_ pieces: [ArraySlice<UInt8>]) -> Conversation {
        Conversation(
            pieces, role: role == "client" ? .client : .server, inflates: compression,
            maximumMessageBytes: maximum ?? 1024 * 1024)
    }
}

@Suite("Protocol/vectors/websocket-frames.json")
struct FrameDecoderVectorTests {
    static let vectors = Result { try Vectors.load("websocket-frames", as: FrameVector.self) }

    @Test func `the vectors are there`() throws {
        let count = try Self.vectors.get().count
        #expect(count > 100)
    }

    @Test func `every vector gives its events whole, byte by byte, and cut anywhere`() throws {
        for vector in try Self.vectors.get() {
            let bytes = [UInt8](hex: vector.bytes)
            let (events, error) = vector.expected
            #expect((vector.error == nil) == (error == nil), "\(vector.name): unknown error name")
            let whole = vector.run([bytes[...]])
            #expect(whole.events == events, "\(vector.name)")
            #expect(whole.error == error, "\(vector.name)")
            #expect(whole.error?.closeCode.rawValue == vector.code, "\(vector.name)")
            let singly = vector.run(bytes.singly)
            #expect(singly == whole, "\(vector.name), byte by byte")
            for index in bytes.indices {
                let cut = vector.run(bytes.cut(at: index))
                #expect(cut == whole, "\(vector.name), cut at \(index)")
            }
        }
    }
}

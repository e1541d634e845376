import Basics
import Testing

@testable import WebSocket

/// Whatever is encoded, fragmented, interleaved and cut at random comes out as it went in.
@Suite("RFC 6455 §5, RFC 7692 §6: round trips")
struct RoundTripTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `conversations come out as they went in`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let fromClient = Bool.random(using: &random)
        var sent: [FrameDecoder.Event] = []
        var bytes: [UInt8] = []
        let deflater = Deflater()
        for _ in 0..<30 {
            send(&random, fromClient: fromClient, deflater, &sent, &bytes)
        }
        bytes += FrameEncoder.close(.normal, reason: "seed", maskKey: fromClient ? 7 : nil)
        sent.append(.close(.normal, reason: "seed"))
        var pieces: [ArraySlice<UInt8>] = []
        var index = 0
        while index < bytes.count {
            let end = min(bytes.count, index + Int.random(in: 1...3_000, using: &random))
            pieces.append(bytes[index..<end])
            index = end
        }
        let received = Conversation(
            pieces, role: fromClient ? .server : .client, inflates: true)
        #expect(received == Conversation(events: sent), "seed \(seed)")
    }

    /// One message in one to four fragments, perhaps compressed, with pings between them.
    private func send(
        _ random: inout Seeded, fromClient: Bool, _ deflater: Deflater,
        _ sent: inout [FrameDecoder.Event], _ bytes: inout [UInt8]
    ) {
        func key() -> UInt32? {
            fromClient ? UInt32.random(in: 0...UInt32.max, using: &random) : nil
        }
        let kind: MessageKind = Bool.random(using: &random) ? .text : .binary
        let message = payload(kind, &random)
        let isCompressed = Bool.random(using: &random)
        let body = isCompressed ? deflater.compress(message) : message
        let cuts = (0..<Int.random(in: 0...3, using: &random))
            .map { _ in Int.random(in: 0...body.count, using: &random) }.sorted()
        for (index, (start, end)) in zip([0] + cuts, cuts + [body.count]).enumerated() {
            FrameEncoder.append(
                index == 0 ? kind.opcode : .continuation, Array(body[start..<end]),
                isFinal: index == cuts.count, isCompressed: isCompressed && index == 0,
                maskKey: key(), to: &bytes)
            if index < cuts.count, Bool.random(using: &random) {
                let ping = [UInt8](repeating: UInt8(index), count: index * 40)
                bytes += FrameEncoder.ping(ping, maskKey: key())
                sent.append(.ping(ping))
            }
        }
        sent.append(.message(kind, message))
    }

    private func payload(_ kind: MessageKind, _ random: inout Seeded) -> [UInt8] {
        let longest = 1 << Int.random(in: 0...15, using: &random)
        let count = Int.random(in: 0...longest, using: &random)
        switch kind {
        case .binary:
            return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        case .text:
            let letters = ["a", "é", "€", "😀", "{\"k\":1}"]
            return (0..<count / 4).flatMap { _ in
                Array(letters.randomElement(using: &random)!.utf8)
            }
        }
    }
}

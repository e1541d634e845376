import Foundation
import TestSimulation
import Testing

/// The conversations of `Protocol/transcripts`.
@Suite struct TranscriptTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Protocol/transcripts")

    private static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func `there are transcripts`() {
        #expect(Self.names.count >= 10)
    }

    /// Ten seeds: what goes well by luck with one does not with all.
    @Test(arguments: names, 1...10 as ClosedRange<UInt64>)
    func `a conversation goes as it is written`(name: String, seed: UInt64) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let transcript = try Transcript(text)
        try TranscriptPlayer(seed: seed).play(transcript)
    }

    @Test func `a transcript that expects something else fails`() throws {
        let transcript = try Transcript(
            """
            ana + vsn=2.0.0
            ana > [null,"1","phoenix","heartbeat",{}]
            ana < [null,"2","phoenix","phx_reply",{"status":"ok","response":{}}]
            """)
        #expect(throws: TranscriptPlayer.Deviation.self) {
            try TranscriptPlayer(seed: 1).play(transcript)
        }
    }

    @Test func `what nobody expects fails a transcript too`() throws {
        let transcript = try Transcript(
            """
            ana + vsn=2.0.0
            ana > [null,"1","phoenix","heartbeat",{}]
            ~ 1s
            """)
        #expect(throws: TranscriptPlayer.Deviation.self) {
            try TranscriptPlayer(seed: 1).play(transcript)
        }
    }

    @Test func `a close that nobody expects fails a transcript too`() throws {
        let transcript = try Transcript(
            """
            ana + vsn=2.0.0
            ~ 70s
            """)
        #expect(throws: TranscriptPlayer.Deviation.self) {
            try TranscriptPlayer(seed: 1).play(transcript)
        }
    }
}

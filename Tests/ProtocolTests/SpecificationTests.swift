import Foundation
import Testing

/// Protocol/README.md proves what it promises, or at least says where.
@Suite struct `The specification` {
    @Test func `whatever it names as proof exists`() throws {
        let proofs = citations(in: try Registry.text("Protocol/README.md"))
        #expect(proofs.count > 25)
        for proof in Set(proofs) {
            #expect(candidates(for: proof).contains(where: exists), "\(proof)")
        }
    }

    @Test func `every MUST names its proof in the same paragraph`() throws {
        let text = try Registry.text("Protocol/README.md")
        // List items and rows of tables stand for themselves.
        let paragraphs = text.replacing("\n* ", with: "\n\n* ").replacing("\n| ", with: "\n\n| ")
            .components(separatedBy: "\n\n")
        let promises = paragraphs.filter {
            $0.contains(" MUST ") && !$0.contains("as in RFC 2119")
        }
        #expect(promises.count >= 4)
        for promise in promises {
            #expect(!citations(in: promise).isEmpty, "\(promise)")
        }
    }

    @Test func `it reads in one sitting`() throws {
        let prose = try Registry.text("Protocol/README.md").components(separatedBy: "```python")[0]
        // 230 words a minute, half an hour.
        #expect(prose.split(whereSeparator: \.isWhitespace).count < 230 * 30)
    }

    /// `[tokens.json, Server/test_kill]`: vectors in backquotes or not, and tests.
    private func citations(in text: String) -> [String] {
        text.matches(of: /\[([^\]\[]+)\](?!\()/).flatMap { match in
            let items = match.1.split(whereSeparator: { ", \n`".contains($0) }).map(String.init)
            let isCitation = items.allSatisfy {
                $0.hasSuffix(".json") || $0.hasSuffix(".txt")
                    || $0.contains(/^\w+\/(\w+Tests|test_\w+)$/)
            }
            return isCitation ? items : []
        }
    }

    private func candidates(for proof: String) -> [String] {
        if proof.hasSuffix(".json") { return ["Protocol/vectors/\(proof)"] }
        if proof.hasSuffix(".txt") { return ["Protocol/transcripts/\(proof)"] }
        return ["Tests/\(proof).swift", "Tests/\(proof).py"]
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(
            atPath: Registry.root.appending(path: path).path(percentEncoded: false))
    }
}

/// Where a reader stands in a topic's log: the database's epoch and the last `seq` it has seen.
///
/// On the wire always the string `"<epoch>-<seq>"`. A restore or a promotion that may have lost
/// commits changes the epoch, so a position of another life of the database is never mistaken.
package struct Position: Hashable, Sendable, CustomStringConvertible {
    package let epoch: Epoch
    package let seq: Int64

    package init(epoch: Epoch, seq: Int64) {
        self.epoch = epoch
        self.seq = seq
    }

    /// Parses `"<epoch>-<seq>"`; nil for anything else, a negative or an overflowing `seq`, and
    /// for a second spelling of a number, such as `+1` or `01`.
    package init?(_ text: some StringProtocol) {
        guard let dash = text.lastIndex(of: "-"), let epoch = Epoch(String(text[..<dash])) else {
            return nil
        }
        let digits = text[text.index(after: dash)...]
        guard let seq = Int64(digits), seq >= 0, String(seq) == digits else { return nil }
        self.init(epoch: epoch, seq: seq)
    }

    package var description: String { "\(epoch.text)-\(seq)" }
}

/// The identity of one life of the database: 1 to 16 characters of `a-z` and `0-9`.
package struct Epoch: Hashable, Sendable {
    package let text: String

    /// Nil for any other text.
    package init?(_ text: String) {
        guard (1...16).contains(text.utf8.count),
            text.utf8.allSatisfy({
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            })
        else { return nil }
        self.text = text
    }
}

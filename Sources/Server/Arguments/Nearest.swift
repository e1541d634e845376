/// Finds the name somebody most likely meant.
enum Nearest {
    /// `, did you mean X?`, or nothing when no name is near enough to be a slip.
    ///
    /// Near enough: a third of the letters wrong. More than that is another word, and a wrong
    /// guess misleads more than none.
    static func hint(to word: String, in names: [String]) -> String {
        name(to: word, in: names).map { ", did you mean \($0)?" } ?? ""
    }

    static func name(to word: String, in names: [String]) -> String? {
        let ranked = names.map { (name: $0, distance: distance(from: word, to: $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance * 3 <= best.name.utf8.count ? best.name : nil
    }

    /// Letters to insert, delete or replace (Levenshtein); long words count as far at once, since
    /// the table costs the product of both lengths.
    static func distance(from left: String, to right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count <= longestCompared, right.count <= longestCompared else { return .max / 3 }
        var row = Array(0...right.count)
        for (above, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = above + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }

    /// Twice the longest name we have; a longer word cannot be within a third of any.
    private static let longestCompared = 64
}

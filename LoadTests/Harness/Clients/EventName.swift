/// Reads what an envelope of version 2 is about without parsing it.
///
/// The state of a room of thousands is hundreds of kilobytes; who only counts it must not pay
/// for taking it apart.
enum EventName {
    /// The fourth element of `[join_ref, ref, topic, event, payload]`; empty for what looks
    /// different. Nothing in the first three may hold an escaped quote: names of ours do not.
    static func find(in text: Span<UInt8>) -> String {
        var commas = 0
        var isQuoted = false
        for place in 0..<text.count {
            switch text[place] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                commas += 1
                if commas == 3 { return word(in: text, from: place + 1) }
            default: continue
            }
        }
        return ""
    }

    private static func word(in text: Span<UInt8>, from start: Int) -> String {
        guard start < text.count, text[start] == UInt8(ascii: "\"") else { return "" }
        var letters: [UInt8] = []
        for place in start + 1..<text.count {
            if text[place] == UInt8(ascii: "\"") { break }
            letters.append(text[place])
        }
        return String(decoding: letters, as: UTF8.self)
    }
}

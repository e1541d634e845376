/// Finds where a value stands in the bytes of a document, so that it can be relayed unchanged.
///
/// Only for bytes that a ``JSONParser`` has just validated: it looks at quotes, backslashes and
/// brackets, nothing else. Bytes that are not JSON give a wrong range, never one out of bounds.
package enum RawJSON {
    /// The bytes of the `ordinal`-th child of the array or object that is the whole of `json`;
    /// in an object, the member's value. `count` is how many children there are.
    ///
    /// Both numbers come from the parsed document (``JSONElement/member(_:)``,
    /// ``JSONElement/count``). For a deeper value, call it again on what it returned.
    ///
    /// Cost: one walk over what stands before the child; the last child's end is found from
    /// the back, so that a payload at the end of an envelope is not walked at all.
    package static func child(
        _ ordinal: Int, of count: Int, in json: Span<UInt8>
    ) -> Range<Int> {
        precondition((0..<count).contains(ordinal), "child \(ordinal) of \(count)")
        var cursor = skipSpace(json, from: 0)
        let isObject = cursor < json.count && json[cursor] == UInt8(ascii: "{")
        cursor += 1
        for _ in 0..<ordinal {
            if isObject { cursor = skipName(json, from: cursor) }
            cursor = skipValue(json, from: skipSpace(json, from: cursor))
            // The comma between children.
            cursor = skipSpace(json, from: cursor) + 1
        }
        if isObject { cursor = skipName(json, from: cursor) }
        let start = min(skipSpace(json, from: cursor), json.count)
        if ordinal == count - 1 {
            return start..<max(start, endBeforeBracket(json))
        }
        return start..<skipValue(json, from: start)
    }

    /// The index behind the value that starts at `start`.
    private static func skipValue(_ json: Span<UInt8>, from start: Int) -> Int {
        guard start < json.count else { return json.count }
        switch json[start] {
        case UInt8(ascii: "\""): return skipString(json, from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipContainer(json, from: start)
        default:
            var index = start
            while index < json.count && !endsScalar(json[index]) { index += 1 }
            return index
        }
    }

    private static func skipContainer(_ json: Span<UInt8>, from start: Int) -> Int {
        var depth = 0
        var index = start
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "\""):
                index = skipString(json, from: index)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return json.count
    }

    /// The index behind the string whose opening quote is at `start`.
    private static func skipString(_ json: Span<UInt8>, from start: Int) -> Int {
        var index = start + 1
        while index < json.count {
            switch json[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return json.count
    }

    /// The index behind a member's name and its colon.
    private static func skipName(_ json: Span<UInt8>, from start: Int) -> Int {
        let name = skipSpace(json, from: start)
        return skipSpace(json, from: skipString(json, from: name)) + 1
    }

    /// The end of the last child: before the closing bracket and the white space around it.
    private static func endBeforeBracket(_ json: Span<UInt8>) -> Int {
        var end = json.count
        while end > 0 && isSpace(json[end - 1]) { end -= 1 }
        end -= 1
        while end > 0 && isSpace(json[end - 1]) { end -= 1 }
        return max(end, 0)
    }

    private static func skipSpace(_ json: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < json.count && isSpace(json[index]) { index += 1 }
        return index
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        isSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]")
            || byte == UInt8(ascii: "}")
    }
}

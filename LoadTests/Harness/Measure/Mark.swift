/// What the generator writes into a message to recognise it: who sent it, its number in that
/// sender's stream, and when it was due.
///
///     mark:00003.0000000042.0000001234567890123
///
/// The width is fixed, so that reading needs no parser; the letters are safe inside JSON. Times
/// are of the generator's own monotonic clock: one clock for both ends.
struct Mark: Equatable, Sendable {
    let stream: Int
    let number: Int64
    let dueNanoseconds: Int64

    static let prefix = Array("mark:".utf8)
    private static let streamDigits = 5
    private static let numberDigits = 10
    private static let dueDigits = 19

    /// All of it, in bytes.
    static let width = prefix.count + streamDigits + 1 + numberDigits + 1 + dueDigits

    /// Appends the text form. The parts must fit their digits: 99,999 streams, 10¹⁰ messages.
    func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: Mark.prefix)
        Mark.append(Int64(stream), digits: Mark.streamDigits, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Mark.append(number, digits: Mark.numberDigits, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        Mark.append(dueNanoseconds, digits: Mark.dueDigits, to: &bytes)
    }

    /// The mark whose prefix ends right before `start`; nil when something else stands there.
    init?(in bytes: Span<UInt8>, at start: Int) {
        var at = start
        guard bytes.count - at >= Mark.width - Mark.prefix.count,
            let stream = Digits.read(bytes, from: &at, count: Mark.streamDigits),
            Mark.skipDot(bytes, &at),
            let number = Digits.read(bytes, from: &at, count: Mark.numberDigits),
            Mark.skipDot(bytes, &at),
            let due = Digits.read(bytes, from: &at, count: Mark.dueDigits)
        else { return nil }
        self.init(stream: Int(stream), number: number, dueNanoseconds: due)
    }

    init(stream: Int, number: Int64, dueNanoseconds: Int64) {
        self.stream = stream
        self.number = number
        self.dueNanoseconds = dueNanoseconds
    }

    private static func skipDot(_ bytes: Span<UInt8>, _ at: inout Int) -> Bool {
        defer { at += 1 }
        return bytes[at] == UInt8(ascii: ".")
    }

    private static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
        let text = String(value)
        precondition(text.utf8.count <= digits, "\(value) has more than \(digits) digits")
        bytes.append(
            contentsOf: repeatElement(UInt8(ascii: "0"), count: digits - text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Finds marks, looking first where the last one stood: in one run all messages are alike.
struct MarkFinder: Sendable {
    private var usual = 0

    /// Cost: a comparison of five bytes, or a scan when the message differs from the last.
    mutating func find(in bytes: Span<UInt8>) -> Mark? {
        if bytes.hasBytes(Mark.prefix, at: usual) {
            return Mark(in: bytes, at: usual + Mark.prefix.count)
        }
        guard let place = bytes.firstPlace(of: Mark.prefix) else { return nil }
        usual = place
        return Mark(in: bytes, at: place + Mark.prefix.count)
    }
}

/// Decimal digits inside larger text.
enum Digits {
    /// Exactly `count` digits at `place`, which moves behind them; nil when there are fewer.
    static func read(_ bytes: Span<UInt8>, from place: inout Int, count: Int) -> Int64? {
        guard bytes.count - place >= count else { return nil }
        var value: Int64 = 0
        for _ in 0..<count {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, tens <= Int64.max - Int64(digit) else { return nil }
            value = tens + Int64(digit)
            place += 1
        }
        return value
    }

    /// The digits right behind the first `label`, up to 18 of them; nil when there are none.
    static func after(_ label: [UInt8], in bytes: Span<UInt8>) -> Int64? {
        guard let found = bytes.firstPlace(of: label) else { return nil }
        var place = found + label.count
        let end = min(bytes.count, place + 18)
        var value: Int64 = 0
        let start = place
        while place < end {
            let digit = bytes[place] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            value = value * 10 + Int64(digit)
            place += 1
        }
        return place == start ? nil : value
    }
}

extension Span<UInt8> {
    func hasBytes(_ wanted: [UInt8], at place: Int) -> Bool {
        guard place + wanted.count <= count else { return false }
        for index in wanted.indices where self[place + index] != wanted[index] { return false }
        return true
    }

    func firstPlace(of wanted: [UInt8]) -> Int? {
        guard let first = wanted.first else { return nil }
        for place in 0..<Swift.max(0, count - wanted.count + 1) where self[place] == first {
            if hasBytes(wanted, at: place) { return place }
        }
        return nil
    }
}

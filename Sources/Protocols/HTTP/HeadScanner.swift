/// Finds the end of a head in bytes that arrive in pieces, and holds its lines to the rules
/// that http-parser is too kind about.
///
/// Looks at every byte once, however the pieces are cut, and says the same for every cut.
struct HeadScanner {
    /// Longest request target: what proxies in front of servers commonly take (8,192 bytes).
    static let maximumTargetBytes = 8 * 1024

    /// The first line: the longest target, the longest known method, the version, two spaces.
    static let maximumFirstLineBytes = maximumTargetBytes + 32

    /// All fields with their line ends. Browsers stay below 4 KiB; a token in a cookie and one in
    /// a header fit four times over.
    static let maximumFieldBytes = 16 * 1024

    /// Number of fields. Browsers and proxies together send about 30.
    static let maximumFields = 100

    private let origin: Int
    private var scanned: Int
    private var lineStart: Int
    private var fieldCount = 0
    private var fieldsStart: Int?

    /// Where the head starts: behind one empty line, if the peer sent one (RFC 9112 §2.2).
    private(set) var start: Int

    /// `origin` is the index of the first byte behind the message before.
    init(at origin: Int = 0) {
        self.origin = origin
        scanned = origin
        lineStart = origin
        start = origin
    }

    /// The index after the head's empty line, or nil when it has not come yet.
    ///
    /// `bytes` are those of the call before, and more.
    mutating func end(in bytes: [UInt8]) throws(HTTPError) -> Int? {
        try checkFirstByte(of: bytes)
        while let lineFeed = bytes[scanned...].firstIndex(of: .lineFeed) {
            let endsWell = lineFeed > lineStart && bytes[lineFeed - 1] == .carriageReturn
            let length = lineFeed - lineStart - (endsWell ? 1 : 0)
            try checkLimits(lineLength: length, through: lineFeed)
            // RFC 9112 §2.2 lets a recipient take a lone LF; what takes it differently from the
            // proxy in front of it can be made to see another request (§11.2).
            guard endsWell else { throw .bareLineFeed }
            scanned = lineFeed + 1
            if try finishLine(of: length, in: bytes) { return scanned }
            lineStart = scanned
            try checkFirstByte(of: bytes)
        }
        scanned = bytes.count
        // A trailing CR may be half of a line end, so it does not count yet.
        try checkLimits(lineLength: scanned - lineStart - 1, through: scanned - 1)
        return nil
    }

    /// Turns away at once what cannot become a first line, such as the beginning of TLS.
    private func checkFirstByte(of bytes: [UInt8]) throws(HTTPError) {
        guard fieldsStart == nil, lineStart < bytes.count else { return }
        let first = bytes[lineStart]
        guard first.isTokenCharacter || first == .carriageReturn || first == .lineFeed else {
            throw .malformedRequestLine
        }
    }

    /// Returns whether this was the empty line that ends the head.
    private mutating func finishLine(of length: Int, in bytes: [UInt8]) throws(HTTPError) -> Bool {
        guard fieldsStart != nil else {
            if length > 0 {
                fieldsStart = scanned
            } else if start == origin {
                start = scanned
            } else {
                throw .malformedRequestLine
            }
            return false
        }
        if length == 0 { return true }
        // A folded line (obs-fold) must be refused or replaced: RFC 9112 §5.2.
        guard !bytes[lineStart].isBlank else { throw .foldedHeader }
        fieldCount += 1
        guard fieldCount <= HeadScanner.maximumFields else { throw .tooManyHeaders }
        return false
    }

    private func checkLimits(lineLength: Int, through last: Int) throws(HTTPError) {
        if let fieldsStart {
            guard last - fieldsStart < HeadScanner.maximumFieldBytes else { throw .headersTooLarge }
        } else {
            guard lineLength <= HeadScanner.maximumFirstLineBytes else { throw .targetTooLong }
        }
    }
}

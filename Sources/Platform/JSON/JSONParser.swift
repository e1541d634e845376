import CSimdjson

/// Validates JSON and gives access to the one document it parsed last; reused for every message.
///
/// One per loop, never shared: it is confined to the thread that made it. Elements are views
/// into its buffers and die with the next ``parse(_:)``, which is checked.
///
/// Cost: about 120 ns for a 200-byte message and no allocation once its buffers have grown.
package final class JSONParser {
    /// How deep containers may nest.
    ///
    /// 64 is far beyond what a person's client sends (a broadcast needs 4) and bounds every
    /// recursion over a ``JSONValue``. An empty container counts as a leaf. `JSONParserTests`
    /// pins both sides.
    package static let maximumDepth = 64

    /// The default size limit: 1 MiB, the largest frame and HTTP body the server takes.
    package static let defaultMaximumBytes = 1 << 20

    /// Buffers that grew beyond this for one large document are given back.
    ///
    /// simdjson keeps about 15 bytes for each byte of its largest document: 1 MB a loop for
    /// 64 KiB, where 1 MiB would hold 15 MB for ever.
    static let keptBytes = 1 << 16

    /// Owned: made in `init`, destroyed in `deinit`.
    private let parser: OpaquePointer
    /// Counts documents, so that an element of an earlier one is noticed.
    private(set) var generation: UInt64 = 0
    /// simdjson's tape of the last document; owned by `parser` until the next parse.
    private(set) var tape: UnsafePointer<UInt64>?
    /// The string buffer of the last document; owned by `parser` until the next parse.
    private(set) var strings: UnsafePointer<UInt8>?

    /// Makes a parser for documents of at most `maximumBytes` bytes.
    package init(maximumBytes: Int = JSONParser.defaultMaximumBytes) {
        // simdjson counts the root as a level.
        guard
            let parser = csimdjson_create(
                maximumBytes, JSONParser.maximumDepth + 1, JSONParser.keptBytes)
        else { preconditionFailure("no memory for a JSON parser") }
        self.parser = parser
    }

    deinit {
        csimdjson_destroy(parser)
    }

    /// Validates `bytes` whole, UTF-8 included, and returns the root.
    ///
    /// An escaped lone surrogate is `.unstorableText`: it is JSON by the grammar, but no
    /// client could be given it. `\u0000` passes; see ``JSONText/isStorable(_:)``.
    package func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONElement {
        try parse(bytes.span)
    }

    /// As above; `bytes` are copied and need not outlive the call.
    package func parse(_ bytes: Span<UInt8>) throws(JSONError) -> JSONElement {
        generation &+= 1
        // The pointer is the caller's, and only for this call.
        let result = bytes.withUnsafeBufferPointer {
            csimdjson_parse(parser, $0.baseAddress, $0.count)
        }
        switch result {
        case CSIMDJSON_OK:
            tape = csimdjson_tape(parser)
            strings = csimdjson_strings(parser)
            // The tape's first word is the root marker; the root's value follows it.
            return JSONElement(parser: self, generation: generation, index: 1)
        case CSIMDJSON_TOO_DEEP: throw .tooDeep
        case CSIMDJSON_TOO_LARGE: throw .tooLarge
        case CSIMDJSON_INVALID_UTF8: throw .invalidUTF8
        case CSIMDJSON_EMPTY: throw .empty
        case CSIMDJSON_BAD_STRING:
            throw JSONText.hasLoneSurrogate(bytes) ? .unstorableText : .malformed
        case CSIMDJSON_OUT_OF_MEMORY: preconditionFailure("no memory to parse JSON")
        default: throw .malformed
        }
    }

    /// Parses into a tree that outlives this parser's next document.
    ///
    /// `storable` additionally refuses `\u0000`, as `.unstorableText`: ask for it wherever the
    /// text may end in PostgreSQL.
    package func value(
        of bytes: [UInt8], storable: Bool = false
    ) throws(JSONError) -> JSONValue {
        let root = try parse(bytes)
        if storable && !JSONText.isStorable(bytes) { throw .unstorableText }
        return root.value
    }

    /// The largest document the buffers have grown for.
    var capacityBytes: Int { csimdjson_capacity(parser) }

}

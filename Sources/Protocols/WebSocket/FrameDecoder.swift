/// Frames of one connection: bytes in, messages and control frames out (RFC 6455 §5, §6.2).
///
/// The same bytes give the same events however they are cut. Between messages it holds nothing:
/// 16 bytes on an idle connection. What arrives in pieces lives in an `Assembly` until it is
/// whole. Inflating uses the `Inflater` of the loop, one whole message at a time.
package struct FrameDecoder: ~Copyable {
    /// What a peer said, whole.
    package enum Event: Equatable, Sendable {
        case message(MessageKind, [UInt8])
        case ping([UInt8])
        case pong([UInt8])
        /// The last event; whatever follows is discarded (§5.5.1). No code when none was sent.
        case close(CloseCode?, reason: String)
    }

    /// One message, inflated: four times the largest event (256 KiB), so that what is a little too
    /// large is refused by the room, with a reason, and only what is far too large ends the socket.
    package static let defaultMaximumMessageBytes = 1024 * 1024

    private let sender: Role
    private let inflates: Bool
    private var isDone = false
    private let maximumMessageBytes: UInt32
    private var assembly: Assembly?

    /// - Parameters:
    ///   - role: our end of the connection.
    ///   - inflates: whether permessage-deflate was agreed upon.
    ///   - maximumMessageBytes: of one message, inflated. Also bounds its frames.
    package init(
        role: Role, inflates: Bool,
        maximumMessageBytes: UInt32 = UInt32(defaultMaximumMessageBytes)
    ) {
        sender = role.peer
        self.inflates = inflates
        self.maximumMessageBytes = maximumMessageBytes
    }

    /// Whether nothing of a frame or message waits for its rest.
    package var isIdle: Bool { assembly == nil }

    /// The next event in `input` behind `offset`, which moves on; nil when all of it is taken.
    ///
    /// After an error or a close everything is discarded.
    ///
    /// Cost: a whole message in one frame is copied once, unmasked in the same pass.
    package mutating func next(
        in input: RawSpan, from offset: inout Int, inflater: Inflater
    ) throws(ProtocolError) -> Event? {
        guard !isDone else {
            offset = input.byteCount
            return nil
        }
        do throws(ProtocolError) {
            while offset < input.byteCount {
                if let event = try step(input, &offset, inflater) { return event }
            }
            return nil
        } catch {
            isDone = true
            assembly = nil
            throw error
        }
    }

    /// Takes one frame, or what there is of it.
    private mutating func step(
        _ input: RawSpan, _ offset: inout Int, _ inflater: Inflater
    ) throws(ProtocolError) -> Event? {
        if assembly?.isBetweenFrames ?? true,
            let header = try FrameHeader.parse(input, at: offset, from: sender)
        {
            try admit(header)
            let start = offset + header.headerBytes
            let isWholeMessage = header.isFinal && header.opcode != .continuation
            if isWholeMessage, header.payloadBytes <= input.byteCount - start {
                offset = start + header.payloadBytes
                let payload = Mask.unmasked(
                    input.extracting(start..<offset), key: header.maskKey)
                return try event(of: header, payload, inflater)
            }
            offset = start
            open().begin(header)
        } else if open().needsHeader {
            guard let header = try open().collectHeader(input, &offset, from: sender) else {
                return nil
            }
            try admit(header)
            open().begin(header)
        }
        guard let frame = try open().take(input, &offset) else { return nil }
        return try finish(frame, inflater)
    }

    /// The assembly, made when there is none.
    private mutating func open() -> Assembly {
        if let assembly { return assembly }
        let fresh = Assembly()
        assembly = fresh
        return fresh
    }

    /// The rules that need to know the messages around a frame, checked before its payload.
    private func admit(_ header: FrameHeader) throws(ProtocolError) {
        let message = assembly?.message
        // RFC 7692 §6: RSV1 stands on the first frame of a data message, nowhere else.
        if header.isCompressed {
            guard inflates, !header.opcode.isControl, header.opcode != .continuation else {
                throw .reservedBits
            }
        }
        switch header.opcode {
        case .close, .ping, .pong: return
        case .continuation: if message == nil { throw .unexpectedContinuation }
        case .text, .binary: if message != nil { throw .expectedContinuation }
        }
        var limit = Int(maximumMessageBytes)
        // What does not compress grows by 5 bytes in 16 KiB and a few more (zlib's compressBound).
        if message?.isCompressed ?? header.isCompressed { limit += limit / 64 + 64 }
        guard header.payloadBytes <= limit - (message?.bytes.count ?? 0) else {
            throw .messageTooBig
        }
    }

    /// The event of a frame whose payload came through the assembly.
    private mutating func finish(
        _ frame: Assembly.Frame, _ inflater: Inflater
    ) throws(ProtocolError) -> Event? {
        let assembly = open()
        defer { if assembly.isEmpty { self.assembly = nil } }
        if frame.header.opcode.isControl {
            return try event(of: frame.header, frame.controlPayload, inflater)
        }
        guard frame.header.isFinal, let message = assembly.message else { return nil }
        assembly.message = nil
        if message.isCompressed {
            return try compressed(message.kind, message.bytes, inflater)
        }
        // Its text was checked as it came.
        guard message.text.isComplete else { throw .invalidText }
        return .message(message.kind, message.bytes)
    }

    private mutating func event(
        of header: FrameHeader, _ payload: [UInt8], _ inflater: Inflater
    ) throws(ProtocolError) -> Event {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            isDone = true
            let (code, reason) = try CloseFrame.parse(payload)
            return .close(code, reason: reason)
        case .text, .binary, .continuation:
            let kind: MessageKind = header.opcode == .text ? .text : .binary
            if header.isCompressed { return try compressed(kind, payload, inflater) }
            if kind == .text, !UTF8Validator.isValid(payload) { throw .invalidText }
            return .message(kind, payload)
        }
    }

    private func compressed(
        _ kind: MessageKind, _ payload: [UInt8], _ inflater: Inflater
    ) throws(ProtocolError) -> Event {
        let bytes = try inflater.inflate(payload, limit: Int(maximumMessageBytes))
        if kind == .text, !UTF8Validator.isValid(bytes) { throw .invalidText }
        return .message(kind, bytes)
    }
}

/// A frame or message of which a part has come. Exists only for that long.
final class Assembly {
    /// A frame whose header is known.
    struct Frame {
        let header: FrameHeader
        var received = 0
        /// The payload, if it is a control frame: it may stand between a message's fragments.
        var controlPayload: [UInt8] = []
    }

    /// A message of which a frame has begun.
    struct Message {
        let kind: MessageKind
        let isCompressed: Bool
        var bytes: [UInt8] = []
        /// Checks uncompressed text as it comes (RFC 6455 §8.1).
        var text = UTF8Validator()
    }

    /// What is reserved on a header's word alone: a peer that announces more must send it first.
    private static let maximumReservedBytes = 64 * 1024

    private var headerBytes: [UInt8] = []
    private var frame: Frame?
    var message: Message?

    var needsHeader: Bool { frame == nil }
    var isBetweenFrames: Bool { frame == nil && headerBytes.isEmpty }
    var isEmpty: Bool { isBetweenFrames && message == nil }

    /// Takes bytes until the header is whole.
    func collectHeader(
        _ input: RawSpan, _ offset: inout Int, from sender: Role
    ) throws(ProtocolError) -> FrameHeader? {
        while offset < input.byteCount {
            headerBytes.append(input.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
            offset += 1
            let collected = headerBytes
            if let header = try FrameHeader.parse(collected.span.bytes, at: 0, from: sender) {
                headerBytes = []
                return header
            }
        }
        return nil
    }

    /// Starts a frame, and a message if it is a message's first.
    func begin(_ header: FrameHeader) {
        frame = Frame(header: header)
        switch header.opcode {
        case .close, .ping, .pong, .continuation: return
        case .text: message = Message(kind: .text, isCompressed: header.isCompressed)
        case .binary: message = Message(kind: .binary, isCompressed: header.isCompressed)
        }
    }

    /// Takes what there is of the frame's payload; returns the frame once it is whole.
    func take(_ input: RawSpan, _ offset: inout Int) throws(ProtocolError) -> Frame? {
        guard var frame else { preconditionFailure("a payload without a frame") }
        let missing = frame.header.payloadBytes - frame.received
        let end = offset + min(missing, input.byteCount - offset)
        let piece = input.extracting(offset..<end)
        let key = frame.header.maskKey
        if frame.header.opcode.isControl {
            Mask.append(piece, key: key, position: frame.received, to: &frame.controlPayload)
        } else {
            try append(piece, of: frame)
        }
        frame.received += end - offset
        offset = end
        let isWhole = frame.received == frame.header.payloadBytes
        self.frame = isWhole ? nil : frame
        return isWhole ? frame : nil
    }

    private func append(_ piece: RawSpan, of frame: Frame) throws(ProtocolError) {
        guard message != nil else { preconditionFailure("a data frame without a message") }
        let start = message!.bytes.count
        if start == 0 {
            // Only once: reserving for every piece would defeat the array's doubling.
            message!.bytes.reserveCapacity(
                min(frame.header.payloadBytes, Assembly.maximumReservedBytes))
        }
        Mask.append(
            piece, key: frame.header.maskKey, position: frame.received, to: &message!.bytes)
        guard message!.kind == .text, !message!.isCompressed else { return }
        let continues = message!.bytes.withUnsafeBytes { all in
            message!.text.append(UnsafeRawBufferPointer(rebasing: all[start...]))
        }
        guard continues else { throw .invalidText }
    }
}

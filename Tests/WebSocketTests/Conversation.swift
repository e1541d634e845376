import WebSocket

/// Runs bytes through a decoder in given pieces and collects what comes out.
struct Conversation: Equatable {
    var events: [FrameDecoder.Event] = []
    var error: ProtocolError?
    /// Whether the decoder held nothing at the end.
    var isIdle = true

    init(events: [FrameDecoder.Event], error: ProtocolError? = nil, isIdle: Bool = true) {
        self.events = events
        self.error = error
        self.isIdle = isIdle
    }

    init(
        _ pieces: [ArraySlice<UInt8>], role: Role = .server, inflates: Bool = false,
        maximumMessageBytes: UInt32 = 1024 * 1024, inflater: Inflater = Inflater()
    ) {
        var decoder = FrameDecoder(
            role: role, inflates: inflates, maximumMessageBytes: maximumMessageBytes)
        for piece in pieces {
            var offset = 0
            do throws(ProtocolError) {
                while let event = try decoder.next(
                    in: piece.span.bytes, from: &offset, inflater: inflater)
                {
                    events.append(event)
                }
            } catch {
                self.error = error
                break
            }
        }
        isIdle = decoder.isIdle
    }
}

extension [UInt8] {
    /// The bytes in two pieces, cut at `index`.
    func cut(at index: Int) -> [ArraySlice<UInt8>] { [self[..<index], self[index...]] }

    /// The bytes one by one.
    var singly: [ArraySlice<UInt8>] { indices.map { self[$0...$0] } }
}

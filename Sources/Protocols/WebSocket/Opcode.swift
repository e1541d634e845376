/// What a frame is (RFC 6455 §5.2). Other values are reserved and refused.
package enum Opcode: UInt8, Sendable, CaseIterable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Control frames are short, whole, and may stand between the fragments of a message (§5.5).
    package var isControl: Bool { rawValue & 0x8 != 0 }
}

/// What a message is (RFC 6455 §5.6).
package enum MessageKind: Sendable {
    /// UTF-8, checked.
    case text
    case binary

    /// The opcode of the message's first frame.
    package var opcode: Opcode {
        switch self {
        case .text: .text
        case .binary: .binary
        }
    }
}

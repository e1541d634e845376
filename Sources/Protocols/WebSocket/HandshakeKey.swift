import Basics
import Crypto

/// `Sec-WebSocket-Key` and its answer (RFC 6455 §4.1, §4.2.2): proof that a server meant to speak
/// WebSocket. It protects caches, not secrets.
enum HandshakeKey {
    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Sixteen bytes in base64: 22 characters of its alphabet and two of padding.
    static func isValid(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2).elementsEqual("==".utf8) else { return false }
        return bytes.prefix(22).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    /// The value of `Sec-WebSocket-Accept`.
    static func accept(_ key: String) -> String {
        Base64.encode(Digest.sha1(Array((key + guid).utf8)))
    }
}

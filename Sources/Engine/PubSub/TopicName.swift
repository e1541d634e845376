/// The name of a topic, such as `room:42`: 1 to 255 bytes of UTF-8 without control characters.
///
/// 255, because Phoenix's binary frames give a topic one length byte (`V2JSONSerializer`).
package struct TopicName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Returns nil for an empty name, one over ``maximumBytes``, or one with a control character.
    package init?(_ text: String) {
        guard (1...TopicName.maximumBytes).contains(text.utf8.count) else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        self.text = text
    }

    /// What fits the one length byte of Phoenix's binary frames. `TopicNameTests` pins both
    /// sides.
    package static let maximumBytes = 255

    package var description: String { text }

    /// Byte for byte, as the database compares: Swift's own equality of strings would call two
    /// Unicode spellings of a name one topic.
    package static func == (left: TopicName, right: TopicName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    /// What stands before the first colon, or the whole name where there is none.
    package var prefix: Substring {
        text.prefix { $0 != ":" }
    }

    /// What stands behind the first colon; empty where there is none.
    package var identifier: Substring {
        guard let colon = text.firstIndex(of: ":") else { return "" }
        return text[text.index(after: colon)...]
    }

    /// Which of so many loops is the topic's home: where its commands are ordered.
    package func home(among loops: Int) -> Int {
        Int(stableHash % UInt64(loops))
    }

    /// A hash that is equal in every process, loop and run (FNV-1a, 64 bit), for choosing a home.
    package var stableHash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return hash
    }
}

/// What was agreed about permessage-deflate (RFC 7692 §7.1).
///
/// Always without context takeover, both ways: a broadcast is then compressed once for all, and an
/// idle connection holds no window. Every client must live with that (§7.1.1.1, §7.1.1.2).
package struct Compression: Equatable, Sendable {
    static let name = "permessage-deflate"

    /// The largest window the server may deflate with, as a power of two: 8 to 15.
    package let serverWindowBits: Int

    /// Whether the client named a window. The answer must then name one too, be it the largest
    /// (§7.1.2.1); clients that look fail the connection otherwise.
    var namesServerWindow = false

    /// Whether the client may be sent a message deflated from this many bytes.
    ///
    /// No match reaches back further than the message is long, so whatever window `Deflater`
    /// uses, a message that fits into the client's window suits it.
    package func takes(messageBytes: Int) -> Bool {
        messageBytes <= 1 << serverWindowBits || serverWindowBits == 15
    }

    /// The first offer that can be served, or nil to go without compression (§5.1).
    static func choose(from offers: [ExtensionOffer]) -> Compression? {
        for offer in offers {
            if let compression = accept(offer) { return compression }
        }
        return nil
    }

    /// Nil declines: another extension, a parameter unknown, repeated or with a wrong value (§7.1).
    private static func accept(_ offer: ExtensionOffer) -> Compression? {
        guard offer.name.lowercased() == name else { return nil }
        var seen: Set<String> = []
        var serverWindowBits = 15
        for parameter in offer.parameters {
            let name = parameter.name.lowercased()
            guard seen.insert(name).inserted else { return nil }
            switch (name, parameter.value) {
            case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil):
                // Both are what we do anyway.
                continue
            case ("server_max_window_bits", let value?):
                guard let bits = windowBits(value) else { return nil }
                serverWindowBits = bits
            case ("client_max_window_bits", let value):
                // A hint. We inflate with the largest window and ask for no smaller one.
                if let value, windowBits(value) == nil { return nil }
            default:
                return nil
            }
        }
        return Compression(
            serverWindowBits: serverWindowBits,
            namesServerWindow: seen.contains("server_max_window_bits"))
    }

    /// 8 to 15, without leading zeros (§7.1.2).
    static func windowBits(_ text: String) -> Int? {
        guard let bits = Int(text), (8...15).contains(bits), String(bits) == text else {
            return nil
        }
        return bits
    }

    /// The value of `Sec-WebSocket-Extensions` in the answer.
    var header: String {
        guard namesServerWindow else { return Compression.offer }
        return Compression.offer + "; server_max_window_bits=\(serverWindowBits)"
    }
}

extension Compression {
    /// No context takeover both ways, any window: what our client offers and our server answers.
    static let offer = "\(name); server_no_context_takeover; client_no_context_takeover"

    /// Reads the server's answer to ``offer``; nil when it agreed to something else (§7.1.1).
    init?(answer: ExtensionOffer) {
        guard answer.name.lowercased() == Compression.name else { return nil }
        var seen: Set<String> = []
        var serverWindowBits = 15
        for parameter in answer.parameters {
            let name = parameter.name.lowercased()
            guard seen.insert(name).inserted else { return nil }
            switch (name, parameter.value) {
            case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil):
                continue
            case ("server_max_window_bits", let value?):
                guard let bits = Compression.windowBits(value) else { return nil }
                serverWindowBits = bits
            default:
                // client_max_window_bits was not offered, so it must not come (§7.1.2.2).
                return nil
            }
        }
        // What was offered as a condition must be confirmed (§7.1.1.1).
        guard seen.contains("server_no_context_takeover") else { return nil }
        self.serverWindowBits = serverWindowBits
    }
}

/// A Supabase broadcast as its binary frames carry it: kind 3 to the server, 4 from it.
///
/// realtime-js sends every broadcast with a text event this way on a V2 socket.
package struct UserBroadcast: Equatable, Sendable {
    /// The broadcast's own event, such as `cursor`; the envelope's is always `broadcast`.
    package let event: String
    /// A JSON object, or empty. At most 255 bytes. Supabase's server ignores a client's.
    package let metadata: [UInt8]
    /// The broadcast's own payload, as the client wrote it.
    package let payload: [UInt8]
    /// Whether `payload` is valid JSON; otherwise it is the application's own bytes.
    package let isJSON: Bool

    /// A broadcast of these parts.
    package init(event: String, metadata: [UInt8] = [], payload: [UInt8], isJSON: Bool) {
        self.event = event
        self.metadata = metadata
        self.payload = payload
        self.isJSON = isJSON
    }

    /// The payload a text frame would have carried: `{"type":"broadcast","event":…,"payload":…}`.
    /// Nil for binary data, which text cannot carry.
    package var textPayload: [UInt8]? {
        guard isJSON else { return nil }
        var json: [UInt8] = []
        json.reserveCapacity(payload.count + event.utf8.count + 48)
        json.appendBroadcast(event: event, payload: payload, meta: nil)
        return json
    }
}

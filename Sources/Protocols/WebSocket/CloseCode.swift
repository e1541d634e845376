/// Why a connection ends (RFC 6455 §7.4).
package struct CloseCode: RawRepresentable, Hashable, Sendable {
    /// The number on the wire.
    package let rawValue: UInt16

    /// Any number: see ``mayBeSent``.
    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose is fulfilled. Stock phoenix.js does not come back after it.
    package static let normal = CloseCode(rawValue: 1000)
    /// The server stops, or the browser leaves the page.
    package static let goingAway = CloseCode(rawValue: 1001)
    /// The peer broke RFC 6455.
    package static let protocolError = CloseCode(rawValue: 1002)
    /// A kind of data the endpoint does not take, such as binary where only text is meant.
    package static let unsupportedData = CloseCode(rawValue: 1003)
    /// Text that is not UTF-8, or compressed data that does not inflate.
    package static let invalidData = CloseCode(rawValue: 1007)
    /// Refused for a reason no other code names.
    package static let policyViolation = CloseCode(rawValue: 1008)
    /// A message beyond the limit.
    package static let messageTooBig = CloseCode(rawValue: 1009)
    /// Our fault.
    package static let internalError = CloseCode(rawValue: 1011)
    /// The server restarts: come back (IANA WebSocket Close Code Number Registry).
    package static let serviceRestart = CloseCode(rawValue: 1012)
    /// The server is overloaded: come back later (same registry).
    package static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a close frame may carry it.
    ///
    /// 1004 has no meaning; 1005, 1006 and 1015 are for reporting only (§7.4.1); 1016 to 2999 are
    /// reserved for the protocol and unassigned (§7.4.2); 3000 to 4999 belong to libraries and
    /// applications.
    package var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

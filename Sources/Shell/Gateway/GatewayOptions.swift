package import Basics
package import Crypto
package import RoomContract

/// What every loop's gateway is told at start. The same for all loops.
package struct GatewayOptions: Sendable {
    package let host: String
    package let port: UInt16
    /// How many loops share the port.
    package let loops: Int
    package let catalog: RoomCatalog
    /// What access tokens are checked with.
    package let keys: KeySet
    /// Serve a plain echo at `/echo`, for conformance suites.
    package let echoes: Bool
    /// The answer to `GET /demo`, with tokens that are fresh at that time; nil: there is none.
    package let demo: (@Sendable (Timestamp) -> [UInt8])?
    package let graceOfPresence: Duration
    /// What may wait for all readers of one loop together.
    package let outboxBytes: Int
    package let log: Log

    package init(
        host: String, port: UInt16, loops: Int, catalog: RoomCatalog, keys: KeySet, echoes: Bool,
        demo: (@Sendable (Timestamp) -> [UInt8])?, graceOfPresence: Duration = .seconds(30),
        outboxBytes: Int, log: Log
    ) {
        self.host = host
        self.port = port
        self.loops = loops
        self.catalog = catalog
        self.keys = keys
        self.echoes = echoes
        self.demo = demo
        self.graceOfPresence = graceOfPresence
        self.outboxBytes = outboxBytes
        self.log = log
    }
}

extension Setting {
    static let listen = Setting(
        "--listen", "HOST:PORT", variable: "ROLLCALL_LISTEN", fallback: "127.0.0.1:4000",
        summary: "address to listen on, such as 0.0.0.0:4000 or [::1]:4000; port 0 takes a free one"
    )
    static let database = Setting(
        "--database", "URL", variable: "DATABASE_URL", fallback: "a private cluster",
        summary: "PostgreSQL 15 or newer, as postgres://… or in libpq's key=value form")
    static let dataDirectory = Setting(
        "--data-dir", "DIR", variable: "ROLLCALL_DATA_DIR",
        fallback: "\(DataDirectory.ordinaryDefault), for root \(DataDirectory.rootDefault)",
        summary: "where the generated secret and the private cluster live")
    static let secretFile = Setting(
        "--jwt-secret-file", "FILE",
        summary: "file with the HS256 secret, at least \(JWTSecret.shortestBytes) bytes, mode 0600")
    static let secret = Setting(
        nil, "TEXT", variable: "ROLLCALL_JWT_SECRET", fallback: "generated once, in DIR/jwt-secret",
        summary: "the HS256 secret itself; --jwt-secret-file wins")
    static let jwks = Setting(
        "--jwks", "FILE", variable: "ROLLCALL_JWKS",
        summary: "JSON Web Key Set of the issuers to trust besides the secret (RS256, ES256, EdDSA)"
    )
    static let loops = Setting(
        "--loops", "N", variable: "ROLLCALL_LOOPS", fallback: "one per core",
        summary: "event loops, each with a thread of its own")
    static let log = Setting(
        "--log", "LEVEL[,json]", variable: "ROLLCALL_LOG", fallback: "info",
        summary: "debug, info, warning or error, for people or as JSON lines")
    static let rules = Setting(
        "--rules", "FILE", variable: "ROLLCALL_RULES",
        summary: "who may join which realtime: topic, and what an anonymous key may do")
    static let echo = Setting(
        "--echo", variable: "ROLLCALL_ECHO",
        summary: "serve a plain WebSocket echo at /echo, for conformance suites")
    static let demo = Setting(
        "--demo",
        summary: "load demo people and courses and hand out their tokens at /demo; loopback only")

    static let subject = Setting(
        "--sub", "ID", summary: "the person or backend the token speaks for")
    static let role = Setting(
        "--role", "ROLE", fallback: TokenRequest.defaultRole, summary: "the role claim")
    static let lifetime = Setting(
        "--ttl", "TIME", fallback: "1h", summary: "how long it holds: 30s, 15m, 1h, 7d")
    static let service = Setting(
        "--service", "SCOPES",
        summary: "a backend's token with these scopes, space separated: broadcast publish metrics")
    static let anonymous = Setting(
        "--anonymous",
        summary: "a token for nobody in particular, with the role anon and no subject")

    /// What every command needs that touches the database.
    static let ofDatabase: [Setting] = [.database, .dataDirectory]
}

import Basics

/// Everything `rollcall serve` was told, judged: what is here can be used as it is.
///
/// Reading it changes nothing on the machine; see ``DataDirectory`` and ``JWTSecret`` for what
/// is made at start.
struct ServeConfiguration: Sendable {
    let listen: ListenAddress
    let database: DatabaseSource

    /// As it was written: may be relative and need not exist yet.
    let dataDirectory: String

    let secret: JWTSecret.Source

    /// The path of a JSON Web Key Set, readable when this was made.
    let jwksFile: String?

    /// From 1 to ``mostLoops``.
    let loops: Int

    let log: LogSetting

    /// The path of a rules file, readable when this was made.
    let rulesFile: String?

    /// Serve a plain echo at `/echo`.
    let echoes: Bool

    /// Seed demo data and serve tokens for demo people at `/demo`; only ever on loopback.
    let isDemo: Bool

    /// Loops multiply the mailboxes between them (n²); beyond 256 cores nothing was tried.
    static let mostLoops = 256

    init(_ settings: Settings, asRoot isRoot: Bool) throws(Failure) {
        listen = try settings.listen()
        database = try settings.database()
        dataDirectory = try settings.dataDirectory(asRoot: isRoot)
        secret = try settings.secretSource(in: dataDirectory)
        jwksFile = try settings.file(.jwks)
        loops = try settings.loops()
        log = try settings.log()
        rulesFile = try settings.file(.rules)
        echoes = try settings.isOn(.echo)
        isDemo = try settings.isOn(.demo)
        guard !isDemo || listen.isLoopback else {
            // Tokens without a password, for whoever can reach the port.
            throw .usage("--demo: found --listen \(listen), expected a loopback address with it")
        }
    }

    static let settings: [Setting] = [
        .listen, .database, .dataDirectory, .secretFile, .secret, .jwks, .loops, .log, .rules,
        .echo, .demo,
    ]
}

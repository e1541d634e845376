import Basics
import Crypto
import EventLoop
import Gateway
import Glibc
import HTTP
import RoomContract

/// The running server: composition and lifecycle.
///
///     preparing ──all loops have storage──▶ opening ──all listen──▶ serving ──SIGTERM──▶ draining
///
/// The main thread prepares, watches signals and waits; every loop serves on a thread of its own.
struct Server {
    let configuration: ServeConfiguration
    let console: Console
    let isRoot: Bool

    /// Serves until SIGTERM or SIGINT. May take seconds to begin and to end.
    func run() throws(Failure) -> ExitCode {
        let files = ProcessLimits.raiseOpenFiles()
        let log = configuration.log.log
        log.info("open files", Log.Field("limit", files.soft), Log.Field("hard", files.hard))
        let progress = { (line: String) in log.info(line) }
        let database = try DatabaseAccess(
            configuration.database, dataDirectory: configuration.dataDirectory, asRoot: isRoot,
            telling: progress)
        let code: ExitCode
        do throws(Failure) {
            code = try serve(on: database.connectionString, log)
        } catch {
            // The first failure is the one to tell.
            do { try database.leave(telling: progress) } catch { progress(error.line) }
            throw error
        }
        try database.leave(telling: progress)
        return code
    }

    private func serve(on database: String, _ log: Log) throws(Failure) -> ExitCode {
        let migrations = Migrations(connectionString: database)
        for name in try migrations.up() { log.info("schema", Log.Field("applied", name)) }
        if configuration.isDemo { try migrations.seedDemo() }
        let keys = try keys()
        let demo = configuration.isDemo ? try demoData(in: database) : nil
        let options = GatewayOptions(
            host: configuration.listen.host, port: configuration.listen.port,
            loops: configuration.loops, catalog: try Rooms.catalog(configuration.rulesFile),
            keys: keys, echoes: configuration.echoes,
            demo: demo.map { demo in { @Sendable now in demo.page(at: now) } },
            outboxBytes: Server.outboxBytes(loops: configuration.loops), log: log)
        return try Lifecycle(
            options: options, database: database, onReady: { announce(port: $0, demo) }
        ).run()
    }

    /// A generated secret is made in the data directory.
    private func keys() throws(Failure) -> KeySet {
        _ = try DataDirectory.prepare(configuration.dataDirectory, asRoot: isRoot)
        return try configuration.keys()
    }

    private func demoData(in database: String) throws(Failure) -> DemoData {
        try DemoData(
            connectionString: database, secret: try JWTSecret.load(configuration.secret))
    }

    /// A quarter of the machine's memory for all readers that are behind, shared by the loops.
    private static func outboxBytes(loops: Int) -> Int {
        sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) / 4 / loops
    }

    private func announce(port: UInt16, _ demo: DemoData?) {
        let host =
            switch configuration.listen.family {
            case .v4: configuration.listen.host
            case .v6: "[\(configuration.listen.host)]"
            }
        console.out("rollcall is ready at http://\(host):\(port)/")
        console.out("  WebSocket: ws://\(host):\(port)/socket/websocket?vsn=2.0.0&token=…")
        if let demo { console.out(demo.tokensForConsole()) }
    }
}

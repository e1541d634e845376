import Basics
import Crypto
import Glibc

/// The flags that every scenario takes: where the server is, who we are to it, what is written
/// down, and when a run counts as passed.
struct CommonOptions: Sendable {
    /// What a generator process is told by the one that starts it; not for people.
    static let hidden = [
        Option(Share.flag, "INDEX/COUNT", "which part of the work is this process's"),
        Option(Share.startFlag, "FD", "closed when all processes are ready"),
    ]

    static let all = [
        Option("--url", "URL", default: "ws://127.0.0.1:4000", "the server, ws only, no path"),
        Option(
            "--server-pid", "PID",
            "measure the CPU time and memory of this process, on the same machine"),
        Option(
            "--secret-file", "FILE",
            "sign tokens with this HS256 secret; else the variable ROLLCALL_JWT_SECRET"),
        Option("--token", "JWT", "one token for all connections instead of signed ones"),
        Option(
            "--loopback-addresses", nil,
            "spread the connections over source addresses 127.0.0.1, .2, .3 …, 20,000 on each"),
        Option("--ready-timeout", "SECONDS", default: "60", "for connecting and joining"),
        Option("--settle", "SECONDS", default: "2", "quiet time between joining and measuring"),
        Option("--drain", "SECONDS", default: "5", "waits at most so long for what is under way"),
        Option(
            "--max-lateness", "MS", default: "5",
            "the run is invalid when messages left so late at p99; raise it on a busy machine, "
                + "where only CPU times and ledgers mean something"),
        Option(
            "--processes", "N", default: "1",
            "generators that share the work, when descriptors or one core run out"),
        Option("--label", "TEXT", "a name for this run in the report"),
        Option("--commit", "HASH", "the server's commit, for the report; else what .git says"),
        Option("--json", "FILE", "append the report to this file, as one line of JSON"),
        Option("--markdown", nil, "print the report as a Markdown table"),
        Option("--html", "FILE", "write the report with charts, as a page that opens offline"),
        Option("--max-p99", "MS", "target: latency at the 99th percentile"),
        Option("--max-lost", "N", default: "0", "target: messages lost"),
        Option(
            "--max-cpu", "SECONDS", "target: the server's CPU seconds for a million deliveries"),
    ]

    let target: ServerAddress
    /// Which part of the work is this process's.
    let share: Share
    /// Persons and rooms that belong to the processes before this one; the scenario sets them.
    var personBase = 0
    var roomBase = 0
    let serverProcess: Int32?
    let tokens: TokenSource
    let spreadsAddresses: Bool
    let readyTimeout: Duration
    let settle: Duration
    let drain: Duration
    /// The generator's lateness is part of every latency, so it must be small beside the
    /// milliseconds that are measured.
    let mostLatenessMs: Double
    let processes: Int
    let label: String?
    let commit: String?
    let jsonFile: String?
    let htmlFile: String?
    let printsMarkdown: Bool
    private(set) var maximumP99Ms: Double?
    let maximumLost: Int
    let maximumCPU: Double?

    init(_ options: Options) throws(UsageError) {
        target = try ServerAddress(options.text("--url") ?? "")
        share = try Share(options)
        serverProcess = try CommonOptions.process(options)
        tokens = try TokenSource(options)
        spreadsAddresses = options.isGiven("--loopback-addresses")
        readyTimeout = .seconds(try options.number("--ready-timeout", atMost: 3_600))
        settle = .seconds(try options.number("--settle", atMost: 3_600))
        drain = .seconds(try options.number("--drain", atMost: 3_600))
        mostLatenessMs = try options.number("--max-lateness", atMost: 1e9)
        processes = try options.integer("--processes", in: 1...Share.mostProcesses)
        label = options.text("--label")
        commit = options.text("--commit")
        jsonFile = options.text("--json")
        htmlFile = options.text("--html")
        printsMarkdown = options.isGiven("--markdown")
        maximumP99Ms = try options.optionalNumber("--max-p99", atMost: 1e9)
        maximumLost = try options.integer("--max-lost", in: 0...1_000_000_000)
        maximumCPU = try options.optionalNumber("--max-cpu", atMost: 1e9)
    }

    /// For a scenario that judges p99 by itself.
    var withoutP99: CommonOptions {
        var copy = self
        copy.maximumP99Ms = nil
        return copy
    }

    /// The `sub` of the token of person number `index` of this process, from 0.
    func person(_ index: Int) -> String { "load-\(personBase + index + 1)" }

    /// The topic of course number `index` of this process, from 0.
    func course(_ index: Int) -> String { "course:load-\(roomBase + index + 1)" }

    private static func process(_ options: Options) throws(UsageError) -> Int32? {
        guard let text = options.text("--server-pid") else { return nil }
        guard let process = Int32(text), ProcessProbe(process: process).sample() != nil else {
            throw UsageError("--server-pid: found \(text), expected a process of this machine")
        }
        return process
    }
}

/// Where the server listens.
struct ServerAddress: Equatable, Sendable {
    let host: String
    let port: UInt16

    /// As the Host header has it.
    var text: String { "\(host):\(port)" }

    /// Takes `ws://HOST:PORT`: a literal address or `localhost`, as the sockets want it.
    init(_ url: String) throws(UsageError) {
        let rest = url.hasPrefix("ws://") ? url.dropFirst(5) : ""
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        let port = parts.last.map { $0.hasSuffix("/") ? $0.dropLast() : $0 }
        guard parts.count == 2, let host = parts.first, !host.isEmpty,
            let port = port.flatMap({ UInt16($0) }), port > 0
        else { throw UsageError("--url: found \(url), expected ws://HOST:PORT") }
        self.host = String(host)
        self.port = port
    }
}

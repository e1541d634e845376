import Basics
import EventLoop
import JSON
import Phoenix

/// One publisher, one topic, many subscribers: what a delivery costs.
struct FanoutScenario: Scenario {
    static let name = "fanout"
    static let summary = "one topic, many subscribers: latency and CPU of a delivery"
    static let discussion = """
        All subscribers join one open topic; then messages are broadcast to it at fixed times,
        whether or not the server keeps up, and each carries the time when it was due. Latency
        is counted from then on, so a server that stalls is charged for what waited
        (coordinated omission). --rate counts messages; with --burst they come so many at once.

        The server allows 50 events a second on a connection, so the bursts take turns over as
        many publishers as --rate needs. They are joined like everybody else, but not counted.

        --peer bare speaks to LoadTests/Baseline/bare instead, with the same bytes delivered.
        LoadTests/run-fanout runs both in turns and prints the ratio. LoadTests/run-peers does it
        with other servers too: nchan, nats, websockets, socketify.
        """
    static let options = [
        Option("--subscribers", "N", default: "1000", "connections that listen"),
        Option("--rate", "N", default: "20", "messages a second"),
        Option("--burst", "N", default: "1", "messages sent at once"),
        Option("--payload", "BYTES", default: "100", "of the broadcast's own payload, from 61"),
        Option("--seconds", "N", default: "10", "how long messages are sent"),
        Option("--topic", "NAME", default: "realtime:load", "an open topic"),
        Option(
            "--peer", "KIND", default: "rollcall",
            "rollcall, bare, nchan, nats, websockets or socketify"),
    ]
    static let examples = [
        "rollcall-load fanout --secret-file .rollcall/jwt-secret --server-pid 4711",
        "rollcall-load fanout --subscribers 5000 --rate 100 --burst 10 --max-p99 50",
    ]

    /// A publisher sends at most so many messages a second: below the 50 of
    /// `Protocol/limits.json`, so that heartbeats and rounding have room.
    static let messagesPerPublisher = 40

    let common: CommonOptions
    let subscribers: Int
    let rate: Int
    let burst: Int
    let payloadBytes: Int
    let seconds: Int
    let topic: String
    let peer: Peer

    init(_ options: Options, _ common: CommonOptions) throws(UsageError) {
        subscribers = try common.share.part(
            of: try options.integer("--subscribers", in: 1...1_000_000), "--subscribers")
        var common = common
        common.personBase = common.share.index * subscribers
        self.common = common
        rate = try options.integer("--rate", in: 1...1_000_000)
        // 100 is what the server takes from one connection at once.
        burst = try options.integer("--burst", in: 1...100)
        payloadBytes = try options.integer(
            "--payload", in: BroadcastTemplate.leastPayloadBytes...250_000)
        seconds = try options.integer("--seconds", in: 1...86_400)
        topic = options.text("--topic") ?? ""
        let name = options.text("--peer") ?? ""
        guard let peer = Peer(rawValue: name) else {
            let names = Peer.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError("--peer: found \(name), expected one of \(names)")
        }
        self.peer = peer
    }

    var publishers: Int {
        (rate + FanoutScenario.messagesPerPublisher - 1) / FanoutScenario.messagesPerPublisher
    }

    /// One process publishes for all.
    var ownPublishers: Int { common.share.index == 0 ? publishers : 0 }

    var connections: Int { subscribers + ownPublishers }

    /// What a publisher sends if nothing goes wrong: the bursts take turns.
    func messages(of publisher: Int) -> Int64 {
        Int64((beats - publisher + publishers - 1) / publishers * burst)
    }

    var beats: Int { max(1, rate * seconds / burst) }

    var parameters: [(name: String, value: String)] {
        [
            ("peer", peer.rawValue), ("subscribers", "\(subscribers * common.share.count)"),
            ("publishers", "\(publishers)"), ("rate", "\(rate)"), ("burst", "\(burst)"),
            ("payload", "\(payloadBytes)"), ("seconds", "\(seconds)"),
        ]
    }

    func run(on loop: EventLoop, into report: inout Report) {
        let run = FanoutRun(self, on: loop)
        run.start()
        loop.run()
        run.fill(&report)
    }
}

/// The frames a publisher sends, as Supabase's clients write them.
struct BroadcastTemplate {
    private static let head = Array(#"{"type":"broadcast","event":"load","payload":{"mark":""#.utf8)
    private static let middle = Array(#"","pad":""#.utf8)
    private static let tail = Array(#""}}"#.utf8)

    /// `{"mark":"…","pad":""}` without any padding: 9, 9 and 2 bytes stand around the mark.
    static let leastPayloadBytes = 9 + Mark.width + 9 + 2

    private let padding: [UInt8]

    /// `payloadBytes` is the size of the object under `payload`.
    init(payloadBytes: Int) {
        padding = Array(
            repeating: UInt8(ascii: "x"),
            count: max(0, payloadBytes - BroadcastTemplate.leastPayloadBytes))
    }

    func payload(_ mark: Mark) -> [UInt8] {
        var json = BroadcastTemplate.head
        json.reserveCapacity(json.count + Mark.width + padding.count + 16)
        mark.append(to: &json)
        json += BroadcastTemplate.middle
        json += padding
        json += BroadcastTemplate.tail
        return json
    }
}

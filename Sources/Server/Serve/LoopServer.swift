import Basics
import EventLoop
import Gateway
import Hub
import PostgresStorage
import Resume

/// One loop of the server on a thread of its own: its storage, its gateway, and what they tell
/// each other.
final class LoopServer {
    private let index: Int
    private let options: GatewayOptions
    private let reports: Mailbox<Lifecycle.Report>
    private let gateway: LoopGateway
    private let loop: EventLoop
    private var storage: PostgresStorage?
    /// Facts that were read before their changes could be seen must not let anybody in.
    private var followsAccess = false
    private var hasStorage = false

    /// Starts the thread; it ends after ``LoopGateway/Order/drain``.
    static func start(
        _ index: Int, _ options: GatewayOptions, database: String, _ switchboard: Switchboard,
        _ board: MetricsBoard, reports: Mailbox<Lifecycle.Report>
    ) -> LoopThread {
        LoopThread.start(name: "loop \(index)") {
            let loop = EventLoop()
            let gateway = LoopGateway(
                loop: loop, index: index, options: options, switchboard: switchboard,
                board: board)
            let server = LoopServer(index, options, loop, gateway, reports)
            server.connect(to: database)
            loop.run()
            loop.close()
            // Everything of the loop lives until here.
            withExtendedLifetime(server) {}
        }
    }

    private init(
        _ index: Int, _ options: GatewayOptions, _ loop: EventLoop, _ gateway: LoopGateway,
        _ reports: Mailbox<Lifecycle.Report>
    ) {
        self.index = index
        self.options = options
        self.loop = loop
        self.gateway = gateway
        self.reports = reports
        gateway.onListening = { [unowned self] result in
            switch result {
            case .success(let port): reports.post(.listening(self.index, port: port))
            case .failure(let error): reports.post(.cannotListen(error))
            }
        }
        gateway.onDrained = { [unowned self] in
            storage?.close()
            loop.stop()
        }
    }

    private func connect(to database: String) {
        storage = PostgresStorage(
            loop: loop, address: database, name: "rollcall loop \(index)", messages: options.log
        ) { [unowned self] event in receive(event) }
        guard index == 0 else { return }
        loop.schedule(after: LoopServer.askingInterval, repeating: LoopServer.askingInterval) {
            [unowned self] in askWhatWaits()
        }
    }

    /// Ready is who can also let people in: the first of them must not be sent away again.
    private func reportOpened() {
        if hasStorage && followsAccess { reports.post(.opened(index)) }
    }

    /// Counting is a walk over the rows that wait; every few seconds it costs nobody anything.
    private static let askingInterval: Duration = .seconds(2)

    private func askWhatWaits() {
        storage?.outboxDepth { [unowned self] result in
            // Without an answer the last number stays: that the database is away is seen elsewhere.
            if case .success(let depth) = result { gateway.publishedWaiting = Int(depth) }
        }
    }

    private func receive(_ event: PostgresStorage.Event) {
        switch event {
        case .opened(let epoch):
            guard let storage else { return }
            gateway.open(
                HubStorage(
                    epoch: epoch, log: storage.log, directory: storage.directory,
                    cursors: storage.cursors))
            gateway.deliver(.accessIsWatched(followsAccess))
            hasStorage = true
            reportOpened()
        case .unusable(let reason):
            options.log.error("the database cannot be used", Log.Field("why", reason))
        case .accessChanges(let changes):
            gateway.deliver(.accessChanged(changes))
        case .isFollowingAccess(let isFollowing):
            followsAccess = isFollowing
            gateway.databaseAnswers = isFollowing
            gateway.deliver(.accessIsWatched(isFollowing))
            reportOpened()
        case .published(let moved):
            for (topic, head) in moved {
                gateway.deliver(.headMoved(topic: topic, seq: head.seq), toHomeOf: topic)
            }
        }
    }
}

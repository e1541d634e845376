import Basics
import CourseChannels
package import Hub
import OpenTopics
import People
package import PubSub
package import RoomContract

/// One server process of a simulation: its loops, and the mail between them.
package final class Node {
    let world: World
    package let settings: Settings
    package private(set) var loops: [SimulatedLoop] = []
    /// How often the process was started.
    package private(set) var life = 0
    /// False between a kill and the next start.
    package private(set) var isRunning = false
    /// When each pair of loops last had mail arrive, which keeps it in order.
    private var lastArrival: [Int: Instant] = [:]

    package struct Settings {
        package var loops = 1
        package var graceOfPresence: Duration = .seconds(3)
        package var budget = OutboxBudget(totalBytes: 64 << 20)
        package var storageAnswersAtOnce = false
        package var deliveriesPerTurn = 2_048
        /// The longest mail takes from loop to loop.
        package var slowestMailMicroseconds = 2_000

        package init() {}
    }

    package init(world: World, settings: Settings) {
        self.world = world
        self.settings = settings
        start()
    }

    package static let catalog: RoomCatalog = {
        var catalog = RoomCatalog()
        catalog.add(CourseChannel.self)
        catalog.add(PersonRoom.self)
        catalog.add(OpenTopic.self) { OpenTopic(topic: $0) }
        return catalog
    }()

    /// Starts the process afresh: nothing is left of an earlier life.
    package func start() {
        precondition(!isRunning, "the node runs already")
        life += 1
        isRunning = true
        lastArrival = [:]
        loops = (0..<settings.loops).map { SimulatedLoop(node: self, index: $0, life: life) }
        for loop in loops { loop.begin() }
    }

    /// `kill -9`: what was not committed never happened, and every line is dead.
    package func kill() {
        isRunning = false
        for loop in loops { loop.die() }
    }

    /// The database comes and goes.
    package var databaseIsReachable = true {
        didSet { for loop in loops { loop.databaseIsReachable(databaseIsReachable) } }
    }

    func post(from: Int, to: Int, _ mail: Mail) {
        let pair = from * 256 + to
        let delay = world.microseconds(1...settings.slowestMailMicroseconds)
        let earliest = lastArrival[pair] ?? world.now
        let arrival = max(earliest, world.now.advanced(by: delay))
        lastArrival[pair] = arrival
        let loop = loops[to]
        world.schedule(after: world.now.duration(to: arrival)) {
            loop.enter { loop.hub.receive(mail) }
        }
    }

    /// What the hubs of all loops hold together.
    package var census: HubCensus {
        loops.map(\.hub.census).reduce(HubCensus()) { sum, one in sum.adding(one) }
    }
}

extension HubCensus {
    fileprivate func adding(_ other: HubCensus) -> HubCensus {
        var sum = self
        sum.connections += other.connections
        sum.queuedBytes += other.queuedBytes
        sum.edgeTopics += other.edgeTopics
        sum.subscriptions += other.subscriptions
        sum.catchUps += other.catchUps
        sum.reads += other.reads
        sum.walks += other.walks
        sum.homeTopics += other.homeTopics
        sum.joining += other.joining
        sum.rechecks += other.rechecks
        sum.endings += other.endings
        sum.appends += other.appends
        sum.topicsInGrace += other.topicsInGrace
        return sum
    }
}

import Basics
import Hub
import MemoryStorage
import Phoenix
import PubSub
import Resume
import RoomContract

/// People in courses while everything goes wrong: lines drop, servers die, the database comes
/// and goes, enrolments end. Then it calms down, and the promises must hold.
package final class Storm {
    package let world: World
    let seed: UInt64
    var nodes: [Node] = []
    var clients: [Client] = []
    var revoked: [String: Instant] = [:]
    /// Enrolments that are about to end by themselves.
    private var ending: Set<String> = []
    private var lastTrouble = Instant(nanoseconds: 0)
    private var isCalm = false
    private var said = 0
    static let courses = ["course:c1", "course:c2"]

    package init(seed: UInt64) {
        self.seed = seed
        world = World(seed: seed)
        for course in ["c1", "c2"] { world.database.addCourse(course) }
        let people = ["ana", "ben", "cid", "dee"]
        for person in people {
            world.database.setProfile(of: person, name: person.uppercased())
            for course in ["c1", "c2"] { world.database.enrol(person, in: course, as: .student) }
        }
        for _ in 0..<Int.random(in: 1...2, using: &world.random) { addNode() }
        for number in 0..<Int.random(in: 2...7, using: &world.random) {
            addClient(number, people[number % people.count])
        }
    }

    private func addNode() {
        var settings = Node.Settings()
        settings.loops = Int.random(in: 1...3, using: &world.random)
        settings.graceOfPresence = .seconds(2)
        settings.storageAnswersAtOnce = world.chance(15)
        settings.slowestMailMicroseconds = world.pick([200, 2_000, 40_000]) ?? 200
        if world.chance(50) { settings.deliveriesPerTurn = 1 }
        if world.chance(30) {
            settings.budget = OutboxBudget(connectionBytes: 4_000, totalBytes: 12_000)
        }
        nodes.append(Node(world: world, settings: settings))
    }

    private func addClient(_ number: Int, _ person: String) {
        let isAlias = world.chance(30)
        var topics = ["course:c1", "user:\(person)"]
        if world.chance(50) { topics.append("course:c2") }
        if world.chance(50) { topics.append("realtime:lobby") }
        let client = Client(
            world: world, name: "\(person)/\(number)", person: person,
            version: world.chance(30) ? .v1 : .v2, isAlias: isAlias, compresses: world.chance(30),
            topics: topics
        ) { [unowned self] in
            world.pick(nodes.filter(\.isRunning).flatMap(\.loops))
        }
        if world.chance(20) { client.latency.capacityBytes = 1_000 }
        client.isShutOut = { [unowned self, unowned client] topic in
            client.readsAtOnce && isShutOut(person, topic)
        }
        clients.append(client)
    }

    // MARK: The course of events

    package func run() {
        for client in clients {
            world.schedule(after: world.milliseconds(0...500)) { client.connect() }
            act(client)
        }
        makeTrouble()
        speakOfItself()
        world.run(for: .seconds(Int.random(in: 2...6, using: &world.random)))
        calmDown()
        world.run(for: .seconds(5))
        for client in clients { client.triesAgain = false }
        world.run(for: .seconds(1))
        checkStreams()
        checkPresence()
        everybodyLeaves()
        // Two and a half seconds until a cut is noticed, two of grace, and some.
        world.run(for: .seconds(6))
        checkLeaks()
    }

    /// Each client does something every now and then.
    private func act(_ client: Client) {
        world.schedule(after: world.milliseconds(20...700)) { [self] in
            guard !isCalm else { return }
            doSomething(client)
            act(client)
        }
    }

    private func doSomething(_ client: Client) {
        guard let membership = world.pick(client.memberships) else { return }
        switch Int.random(in: 0..<100, using: &world.random) {
        case ..<45: say(client, membership)
        case ..<52: ask(client, membership)
        case ..<58: client.leave(membership)
        case ..<70:
            membership.isWanted = true
            // Joining again what is joined replaces the channel.
            if membership.isJoined || membership.state == .absent { client.join(membership) }
        case ..<76: client.cut()
        case ..<79: client.close()
        case ..<84: slow(client)
        case ..<88: repeatLast(client, membership)
        default: track(client, membership)
        }
    }

    private func say(_ client: Client, _ membership: Membership) {
        if membership.topic.hasPrefix("course:") {
            let words = world.chance(20) ? String(repeating: "long ", count: 100) : "hello"
            return client.say(membership, text: words)
        }
        said += 1
        guard !membership.isDurable else { return }
        client.command(
            membership, "broadcast",
            #"{"type":"broadcast","event":"e","payload":{"id":"\#(client.name)-\#(said)"}}"#,
            .other(membership))
    }

    private func ask(_ client: Client, _ membership: Membership) {
        switch membership.topic.prefix(5) {
        case "cours":
            client.command(membership, "typing", "{}", .other(membership))
            client.command(membership, "history", #"{"limit":3}"#, .other(membership))
        case "user:":
            client.command(membership, "notification:read", "{}", .other(membership))
        default: break
        }
    }

    /// A retry of what may have been stored already.
    private func repeatLast(_ client: Client, _ membership: Membership) {
        for message in membership.unacknowledged { client.send(membership, message.clientID) }
    }

    private func track(_ client: Client, _ membership: Membership) {
        guard !membership.isDurable, membership.isJoined else { return }
        let tracks = world.chance(70)
        let state = #"{"mood":\#(Int.random(in: 0...2, using: &world.random))}"#
        client.command(
            membership, "presence",
            #"{"type":"presence","event":"\#(tracks ? "track" : "untrack")","payload":\#(state)}"#,
            .track(membership, tracks))
    }

    private func slow(_ client: Client) {
        client.pace = world.pick([.never, .bytes(20), .bytes(200)]) ?? .never
        client.lastSlow = world.now.advanced(by: .seconds(4))
        client.line?.read(at: client.pace)
        world.schedule(after: world.milliseconds(500...3_000)) {
            client.pace = .atOnce
            client.line?.read(at: .atOnce)
        }
    }

    /// The platform writes of itself.
    private func speakOfItself() {
        world.schedule(after: world.milliseconds(100...1_500)) { [self] in
            guard !isCalm else { return }
            let topic = world.pick(["course:c1", "user:ana", "user:ben"]) ?? "user:ana"
            if let name = TopicName(topic) {
                for _ in 0..<Int.random(in: 1...4, using: &world.random) {
                    world.database.publish(to: name, from: "", body: Array(#"{"text":"x"}"#.utf8))
                }
            }
            speakOfItself()
        }
    }

    // MARK: Trouble

    private func makeTrouble() {
        world.schedule(after: world.milliseconds(300...3_000)) { [self] in
            guard !isCalm else { return }
            switch Int.random(in: 0..<4, using: &world.random) {
            case 0: outage()
            case 1: kill()
            default: changeEnrolment()
            }
            makeTrouble()
        }
    }

    private func outage() {
        guard let node = world.pick(nodes) else { return }
        node.databaseIsReachable = false
        lastTrouble = world.now.advanced(by: .seconds(3))
        world.schedule(after: world.milliseconds(50...2_500)) { [self] in
            node.databaseIsReachable = true
            lastTrouble = world.now
        }
    }

    private func kill() {
        guard let node = world.pick(nodes), node.isRunning else { return }
        node.kill()
        world.schedule(after: world.milliseconds(50...1_000)) {
            if !node.isRunning { node.start() }
        }
    }

    private func changeEnrolment() {
        let person = world.pick(["ana", "ben", "cid", "dee"]) ?? "ana"
        let course = world.pick(["c1", "c2"]) ?? "c1"
        let key = "\(person) course:\(course)"
        if ending.contains(key) { return }
        if revoked[key] == nil, world.chance(40) {
            end(person, course, key)
        } else if revoked[key] == nil {
            world.database.removeEnrolment(of: person, in: course)
            revoked[key] = world.now
        } else {
            revoked[key] = nil
            world.database.enrol(person, in: course, as: .assistant)
        }
    }

    /// An enrolment that ends by itself, without a write.
    private func end(_ person: String, _ course: String, _ key: String) {
        let rest = world.milliseconds(100...2_000)
        world.database.enrol(
            person, in: course, as: .student, endsAt: world.wallClock.advanced(by: rest))
        ending.insert(key)
        world.schedule(after: rest) { [self] in
            ending.remove(key)
            revoked[key] = world.now
        }
    }

    /// A second is promised; polling, mail and lines add their part, an outage all of itself.
    private func isShutOut(_ person: String, _ topic: String) -> Bool {
        guard let since = revoked["\(person) \(topic)"] else { return false }
        return max(since, lastTrouble).advanced(by: .milliseconds(2_500)) < world.now
    }

    private func calmDown() {
        isCalm = true
        for node in nodes {
            node.databaseIsReachable = true
            if !node.isRunning { node.start() }
        }
        for client in clients {
            client.pace = .atOnce
            client.line?.read(at: .atOnce)
            client.connect()
            for membership in client.memberships where membership.state == .absent {
                membership.isWanted = true
                client.join(membership)
            }
        }
    }

    private func everybodyLeaves() {
        for client in clients {
            client.comesBack = false
            if world.chance(50) {
                for membership in client.memberships { client.leave(membership) }
            }
            if world.chance(50) { client.close() } else { client.cut() }
        }
    }
}

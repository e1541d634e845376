import Basics
import EventLoop
import MemoryStorage
import Postgres
import PostgresStorage
import PubSub
import Resume
import RoomContract
import TestSupport

/// What the contract suite runs over.
enum Implementation: CaseIterable, Sendable {
    case memory, postgres
}

/// One server's storage under test.
protocol StorageUnderTest: AnyObject {
    var log: any MessageLog { get }
    var directory: any AccessDirectory { get }
    var cursors: any CursorStore { get }

    /// Access changes heard and topics published since the last call, which may be none yet.
    func takeAccessChanges() -> [AccessChange]
    func takePublished() -> [TopicName]
    func close()
}

/// A fresh database with a loop, and what an application would do to the database directly.
class World {
    let loop = EventLoop()
    private var opened: [any StorageUnderTest] = []

    static func make(_ implementation: Implementation) -> World {
        switch implementation {
        case .memory: MemoryWorld()
        case .postgres: PostgresWorld()
        }
    }

    /// Another server on the same database.
    final func open() -> any StorageUnderTest {
        let storage = makeStorage()
        opened.append(storage)
        return storage
    }

    final func close() {
        for storage in opened { storage.close() }
        loop.close()
    }

    func makeStorage() -> any StorageUnderTest { fatalError("the subclass opens") }
    func setProfile(of person: String, name: String, role: Role) {}
    func addCourse(_ course: String) {}
    func enrol(_ person: String, in course: String, as role: Role, endsAt: Timestamp?) {}
    func removeEnrolment(of person: String, in course: String) {}
    func publish(to topic: String, from sender: String, body: String, clientID: String?) {}
}

/// Runs `body` in a fresh world, which is closed afterwards whatever happens.
func withWorld(_ implementation: Implementation, _ body: (World) throws -> Void) rethrows {
    let world = World.make(implementation)
    defer { world.close() }
    try body(world)
}

final class MemoryWorld: World {
    private let database: MemoryDatabase

    override init() {
        guard let epoch = Epoch("memory") else { fatalError("a valid epoch") }
        let clock = EventLoop()
        clock.close()
        database = MemoryDatabase(epoch: epoch) { clock.wallClock }
        super.init()
    }

    override func makeStorage() -> any StorageUnderTest {
        // Every request and every answer takes a turn of its own.
        let link = MemoryLink { [loop] turn in loop.perform(turn) }
        return MemoryUnderTest(MemoryStorage(database: database, link: link))
    }

    override func setProfile(of person: String, name: String, role: Role) {
        database.setProfile(of: person, name: name, role: role)
    }

    override func addCourse(_ course: String) {
        database.addCourse(course)
    }

    override func enrol(
        _ person: String, in course: String, as role: Role, endsAt: Timestamp?
    ) {
        database.enrol(person, in: course, as: role, endsAt: endsAt)
    }

    override func removeEnrolment(of person: String, in course: String) {
        database.removeEnrolment(of: person, in: course)
    }

    override func publish(to topic: String, from sender: String, body: String, clientID: String?) {
        database.publish(
            to: named(topic), from: sender, body: Array(body.utf8), clientID: clientID)
    }
}

final class MemoryUnderTest: StorageUnderTest {
    private let storage: MemoryStorage
    private var changes: [AccessChange] = []
    private var published: [TopicName] = []

    init(_ storage: MemoryStorage) {
        self.storage = storage
    }

    var log: any MessageLog { storage }
    var directory: any AccessDirectory { storage }
    var cursors: any CursorStore { storage }

    func takeAccessChanges() -> [AccessChange] {
        storage.pollAccessChanges { [weak self] result in
            if case .success(let changes) = result { self?.changes += changes }
        }
        defer { changes = [] }
        return changes
    }

    func takePublished() -> [TopicName] {
        storage.drainOutbox(limit: 100) { [weak self] result in
            if case .success(let moved) = result { self?.published += moved.map { $0.topic } }
        }
        defer { published = [] }
        return published
    }

    func close() {
        storage.link.close()
    }
}

final class PostgresWorld: World {
    let database = PostgresCluster.shared.makeDatabase(from: PostgresWorld.template)

    /// Migrated once per test process; each test gets a copy.
    static let template: String = {
        let name = PostgresCluster.shared.makeDatabase()
        let loop = EventLoop()
        let migrator = Migrator(
            loop: loop,
            options: PostgresOptions(
                address: PostgresCluster.shared.address(of: name), applicationName: "migrator"))
        let result = loop.wait { migrator.up(completion: $0) }
        migrator.close()
        loop.close()
        if case .failure(let error) = result { fatalError(error.message) }
        return name
    }()

    override func makeStorage() -> any StorageUnderTest {
        let storage = PostgresUnderTest(
            loop: loop, address: PostgresCluster.shared.address(of: database))
        loop.wait { storage.isReady }
        return storage
    }

    @discardableResult
    func sql(_ text: String) -> String {
        PostgresCluster.shared.sql(text, in: database)
    }

    /// For what cannot be done from within the database itself.
    func sqlElsewhere(_ text: String) {
        PostgresCluster.shared.sql(text, in: "postgres")
    }

    override func setProfile(of person: String, name: String, role: Role) {
        sql("insert into rollcall.profiles values ('\(person)', '\(name)', '\(role.rawValue)')")
    }

    override func addCourse(_ course: String) {
        sql("insert into rollcall.courses values ('\(course)', '\(course)')")
    }

    override func enrol(
        _ person: String, in course: String, as role: Role, endsAt: Timestamp?
    ) {
        let end = endsAt.map { "'\($0.rfc3339)'" } ?? "null"
        sql(
            """
            insert into rollcall.enrolments (course, person, role, ends_at)
            values ('\(course)', '\(person)', '\(role.rawValue)', \(end))
            """)
    }

    override func removeEnrolment(of person: String, in course: String) {
        sql(
            "delete from rollcall.enrolments where person = '\(person)' and course = '\(course)'")
    }

    override func publish(to topic: String, from sender: String, body: String, clientID: String?) {
        let id = clientID.map { "'\($0)'" } ?? "null"
        sql("select rollcall.publish('\(topic)', '\(sender)', '\(body)', \(id))")
    }
}

final class PostgresUnderTest: StorageUnderTest {
    private var storage: PostgresStorage?
    private var changes: [AccessChange] = []
    private var published: [TopicName] = []
    private(set) var isFollowing = false
    private(set) var epochs: [Epoch] = []
    private(set) var complaints: [String] = []

    init(loop: EventLoop, address: String) {
        storage = PostgresStorage(loop: loop, address: address, messages: .quiet) {
            [weak self] event in
            switch event {
            case .opened(let epoch): self?.epochs.append(epoch)
            case .unusable(let reason): self?.complaints.append(reason)
            case .accessChanges(let changes): self?.changes += changes
            case .isFollowingAccess(let value): self?.isFollowing = value
            case .published(let moved): self?.published += moved.map { $0.topic }
            }
        }
    }

    var isReady: Bool { isFollowing && !epochs.isEmpty && postgres.isUp }

    var postgres: PostgresStorage {
        guard let storage else { fatalError("used after close") }
        return storage
    }

    var log: any MessageLog { postgres.log }
    var directory: any AccessDirectory { postgres.directory }
    var cursors: any CursorStore { postgres.cursors }

    func takeAccessChanges() -> [AccessChange] {
        defer { changes = [] }
        return changes
    }

    func takePublished() -> [TopicName] {
        defer { published = [] }
        return published
    }

    func close() {
        storage?.close()
    }
}

/// A topic by a name that the test knows to be valid.
func named(_ text: String) -> TopicName {
    guard let topic = TopicName(text) else { fatalError("\(text) is no topic") }
    return topic
}

/// A post by `sender`.
func post(
    _ clientID: String, in topic: TopicName, by sender: String = "ana", saying body: String = "{}"
) -> EntryDraft {
    EntryDraft(
        topic: topic, kind: .post, sender: sender, clientID: clientID, body: Array(body.utf8))
}

extension World {
    func append(
        _ batch: [EntryDraft], to storage: any StorageUnderTest
    ) throws -> [AppendVerdict] {
        try loop.wait { storage.log.append(batch, completion: $0) }.get()
    }

    func head(of topic: TopicName, in storage: any StorageUnderTest) throws -> Head {
        try heads(of: [topic], in: storage)[0]
    }

    func heads(of topics: [TopicName], in storage: any StorageUnderTest) throws -> [Head] {
        try loop.wait { storage.log.heads(of: topics, completion: $0) }.get()
    }

    func entries(
        of topic: TopicName, seqs range: ClosedRange<Int64> = 1...Int64.max,
        limit: Int = 100_000, in storage: any StorageUnderTest
    ) throws -> [Entry] {
        try loop.wait {
            storage.log.entries(of: topic, in: range, limit: limit, completion: $0)
        }.get()
    }

    func entries(
        of topic: TopicName, before: Int64, limit: Int, in storage: any StorageUnderTest
    ) throws -> [Entry] {
        try loop.wait {
            storage.log.entries(of: topic, before: before, limit: limit, completion: $0)
        }.get()
    }
}

extension AppendVerdict {
    /// The receipt of what is stored; nil for a conflict.
    var receipt: Receipt? {
        switch self {
        case .stored(let receipt): receipt
        case .conflict: nil
        }
    }
}

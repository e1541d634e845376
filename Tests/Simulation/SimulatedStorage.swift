import Basics
import Hub
import MemoryStorage
import PubSub
import Resume
import RoomContract

/// One loop's storage: the database behind several links, each slow in its own way, so that
/// answers to different questions overtake each other as the ports allow.
final class SimulatedStorage: MessageLog {
    private let writer: MemoryStorage
    private let readers: [MemoryStorage]
    private let directory: MemoryStorage
    private let cursors: MemoryStorage
    private let world: World

    /// `enter` runs a step in a turn of the loop; a loop whose storage `answersAtOnce` has the
    /// other extreme that the ports allow.
    init(world: World, answersAtOnce: Bool, enter: @escaping (@escaping () -> Void) -> Void) {
        self.world = world
        func link() -> MemoryStorage {
            let slowness = Int.random(in: 100...8_000, using: &world.random)
            let link =
                answersAtOnce
                ? MemoryLink()
                : MemoryLink { step in
                    world.schedule(after: world.microseconds(50...slowness)) { enter(step) }
                }
            return MemoryStorage(database: world.database, link: link)
        }
        writer = link()
        readers = [link(), link()]
        directory = link()
        cursors = link()
    }

    private var all: [MemoryStorage] { readers + [writer, directory, cursors] }

    var isUp: Bool {
        get { writer.link.isUp }
        set { for storage in all { storage.link.isUp = newValue } }
    }

    func close() {
        for storage in all { storage.link.close() }
    }

    var forHub: HubStorage {
        HubStorage(
            epoch: world.database.epoch, log: self, directory: directory, cursors: cursors)
    }

    func pollAccessChanges(_ completion: @escaping (Result<[AccessChange], StorageError>) -> Void) {
        directory.pollAccessChanges(completion: completion)
    }

    func drainOutbox(
        _ completion: @escaping (Result<[(topic: TopicName, head: Head)], StorageError>) -> Void
    ) {
        readers[0].drainOutbox(limit: 50, completion: completion)
    }

    private var reader: MemoryStorage { world.chance(50) ? readers[0] : readers[1] }

    func append(
        _ batch: [EntryDraft],
        completion: @escaping (Result<[AppendVerdict], StorageError>) -> Void
    ) {
        writer.append(batch, completion: completion)
    }

    func heads(
        of topics: [TopicName], completion: @escaping (Result<[Head], StorageError>) -> Void
    ) {
        reader.heads(of: topics, completion: completion)
    }

    func entries(
        of topic: TopicName, in range: ClosedRange<Int64>, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void
    ) {
        reader.entries(of: topic, in: range, limit: limit, completion: completion)
    }

    func entries(
        of topic: TopicName, before: Int64, limit: Int,
        completion: @escaping (Result<[Entry], StorageError>) -> Void
    ) {
        reader.entries(of: topic, before: before, limit: limit, completion: completion)
    }
}

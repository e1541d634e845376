import Basics
import JSON
import MemoryStorage
import Phoenix
import PubSub
import Resume
import RoomContract
import TestSimulation
import WebSocket

@testable import Hub

func name(_ text: String) -> TopicName {
    guard let name = TopicName(text) else { preconditionFailure("\(text) is no topic") }
    return name
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A clock that a test sets.
final class StoppedClock: Clock {
    var now = Instant(nanoseconds: 1_000_000_000)
    let wallClock = Timestamp(secondsSince1970: 1_000)
}

/// One hub on storage that answers at once, and what each of its connections has heard.
final class Bench {
    let database: MemoryDatabase
    let storage: MemoryStorage
    private(set) var hub: Hub
    private(set) var ended: [UInt32: CloseReason] = [:]
    let clock = StoppedClock()
    private let parser = JSONParser(maximumBytes: 4 << 20)

    init(budget: OutboxBudget = OutboxBudget(totalBytes: 64 << 20)) {
        guard let epoch = Epoch("e1") else { preconditionFailure("e1 is an epoch") }
        database = MemoryDatabase(epoch: epoch) { Timestamp(secondsSince1970: 1_000) }
        storage = MemoryStorage(database: database)
        var end: (UInt32, CloseReason) -> Void = { _, _ in }
        hub = Hub(
            Hub.Surroundings(
                loop: 0, loops: 1, catalog: Node.catalog,
                storage: HubStorage(
                    epoch: epoch, log: storage, directory: storage, cursors: storage),
                budget: budget, graceOfPresence: .seconds(30), clock: clock, seed: 1, log: .quiet,
                post: { _, _ in },
                verify: { SimulatedToken.identity(of: $0, at: Timestamp(secondsSince1970: 1_000)) },
                end: { slot, reason in end(slot, reason) }))
        end = { [unowned self] slot, reason in ended[slot] = reason }
        database.addCourse("1")
        for person in ["ana", "ben"] {
            database.setProfile(of: person, name: person.uppercased())
            database.enrol(person, in: "1", as: .student)
        }
    }

    func open(_ slot: UInt32, as person: String?, _ version: WireVersion = .v2) {
        turn {
            $0.edge.opened(
                slot,
                identity: Identity(person: person, expiresAt: Timestamp(secondsSince1970: 9_000)),
                version: version, compresses: false)
        }
    }

    func turn(_ action: (Hub) -> Void) {
        action(hub)
        repeat { hub.turnEnded() } while !hub.edge.walks.isEmpty
    }

    /// Says something and returns what `slot` hears in the same turn.
    @discardableResult
    func say(_ envelope: String, on slot: UInt32 = 0) -> [String] {
        turn { $0.edge.received(.text, Array(envelope.utf8), from: slot) }
        return hear(slot)
    }

    /// The text frames that wait for `slot`.
    func hear(_ slot: UInt32 = 0) -> [String] {
        var bytes: [UInt8] = []
        turn { hub in
            _ = hub.edge.flush(slot) { span in
                bytes = span.withUnsafeBytes { Array($0) }
                return bytes.count
            }
        }
        var decoder = FrameDecoder(role: .client, inflates: false, maximumMessageBytes: 4 << 20)
        let inflater = Inflater()
        var offset = 0
        var heard: [String] = []
        do {
            while let event = try decoder.next(
                in: bytes.span.bytes, from: &offset, inflater: inflater)
            {
                if case .message(_, let payload) = event { heard.append(text(payload)) }
            }
        } catch {
            heard.append("unreadable: \(error)")
        }
        return heard
    }

    func tick() {
        turn { $0.home.tick() }
    }
}

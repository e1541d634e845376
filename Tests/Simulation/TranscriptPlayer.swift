import Basics
import Hub
import JSON
import MemoryStorage
import Phoenix
import PubSub
import RoomContract
import WebSocket

/// Plays a transcript in a simulation: one node of two loops, and the product's own times.
package final class TranscriptPlayer {
    private let world: World
    private let node: Node
    private var placeholders = Placeholders()
    private var clients: [String: Participant] = [:]

    /// A client of the conversation: its line and what it has not accounted for yet.
    private final class Participant {
        var line: Line?
        var version = WireVersion.v2
        var heard: [(MessageKind, [UInt8])] = []
        var ignored: Set<String> = []
        var closedWith: CloseReason?
    }

    /// Where a conversation went another way than its transcript.
    package struct Deviation: Error, CustomStringConvertible {
        package let description: String
    }

    /// `seed` decides how long every line takes, and what shares a turn of a loop.
    package init(seed: UInt64) {
        world = World(seed: seed)
        var settings = Node.Settings()
        settings.loops = 2
        settings.graceOfPresence = .seconds(30)
        node = Node(world: world, settings: settings)
    }

    package func play(_ transcript: Transcript) throws(Deviation) {
        for step in transcript.steps {
            do throws(Deviation) {
                try play(step.action)
            } catch {
                throw Deviation(description: "line \(step.line): \(error.description)")
            }
        }
        for (name, client) in clients { try expectNothing(of: client, name) }
        if let violation = world.violations.first { throw Deviation(description: violation) }
    }

    private func play(_ action: Transcript.Action) throws(Deviation) {
        switch action {
        case .platform(let words): try platform(words)
        case .wait(let duration): world.run(for: duration)
        case .client(let name, let move): try play(move, of: participant(name), name)
        }
    }

    private func participant(_ name: String) -> Participant {
        if let known = clients[name] { return known }
        let fresh = Participant()
        clients[name] = fresh
        return fresh
    }

    // MARK: The platform

    private func platform(_ words: [String]) throws(Deviation) {
        let database = world.database
        switch (words.first, words.count) {
        case ("course", 2): database.addCourse(words[1])
        case ("person", 3): database.setProfile(of: words[1], name: words[2])
        case ("enrol", 4):
            guard let role = Role(rawValue: words[3]) else {
                throw Deviation(description: "there is no role \(words[3])")
            }
            database.enrol(words[1], in: words[2], as: role)
        case ("unenrol", 3): database.removeEnrolment(of: words[1], in: words[2])
        case ("publish", 3):
            guard let topic = TopicName(words[1]) else {
                throw Deviation(description: "\(words[1]) is no topic")
            }
            database.publish(to: topic, from: "", body: Array(words[2].utf8))
        case ("fill", 3):
            // Many entries at once, for gaps.
            guard let topic = TopicName(words[1]), let count = Int(words[2]) else {
                throw Deviation(description: "fill takes a topic and a number")
            }
            for number in 1...count {
                database.publish(to: topic, from: "", body: Array(#"{"text":"\#(number)"}"#.utf8))
            }
        default: throw Deviation(description: "the platform does not know \(words)")
        }
    }

    // MARK: Clients

    private func play(
        _ move: Transcript.Move, of client: Participant, _ name: String
    ) throws(Deviation) {
        switch move {
        case .connect(let version, let isAnonymous):
            try connect(client, isAnonymous ? nil : person(name), version)
        case .ignore(let events): client.ignored.formUnion(events)
        case .says(let text): client.line?.send(.text, Array(said(text).utf8))
        case .saysBinary(let bytes): client.line?.send(.binary, bytes)
        case .hears(let text): try hears(text, client)
        case .hearsBinary(let bytes):
            let found = try next(client)
            guard found.0 == .binary, found.1 == bytes else {
                throw Deviation(description: "heard \(found.0) \(found.1)")
            }
        case .hearsNothing(let duration):
            world.run(for: duration)
            try expectNothing(of: client, name)
        case .isClosed(let code):
            wait { client.closedWith != nil }
            guard client.closedWith?.rawValue == code else {
                throw Deviation(
                    description: "closed with \(client.closedWith.map { "\($0)" } ?? "nothing")")
            }
            client.closedWith = nil
        case .drops:
            client.line?.cut(noticedAfter: .milliseconds(20))
            client.line = nil
        case .closes:
            client.line?.close()
            client.line = nil
        }
    }

    /// Neither a frame that the transcript does not mention, nor a close.
    private func expectNothing(of client: Participant, _ name: String) throws(Deviation) {
        if let (_, bytes) = client.heard.first(where: { !isIgnored($0.1, by: client) }) {
            throw Deviation(
                description: "\(name) also heard \(String(decoding: bytes, as: UTF8.self))")
        }
        if let reason = client.closedWith {
            throw Deviation(description: "\(name) was closed with \(reason)")
        }
    }

    /// `ana/phone` is a device of `ana`.
    private func person(_ name: String) -> String {
        String(name.prefix { $0 != "/" })
    }

    private func connect(
        _ client: Participant, _ person: String?, _ version: String
    ) throws(Deviation) {
        guard let wireVersion = WireVersion(vsn: version) else {
            throw Deviation(description: "there is no version \(version)")
        }
        client.version = wireVersion
        client.closedWith = nil
        client.heard = []
        guard let loop = world.pick(node.loops) else { return }
        client.line = Line(
            to: loop,
            identity: Identity(
                person: person, expiresAt: world.wallClock.advanced(by: .seconds(3_600))),
            version: wireVersion, compresses: false, latency: Line.Latency()
        ) { [unowned client] event in
            switch event {
            case .message(let kind, let bytes): client.heard.append((kind, bytes))
            case .ended(let reason): client.closedWith = reason
            }
        }
    }

    private func said(_ text: String) -> String {
        do {
            let json = try JSONValue.parse(Array(text.utf8))
            return String(decoding: placeholders.filled(json).encoded(), as: UTF8.self)
        } catch {
            // Some conversations begin with a misunderstanding.
            return text
        }
    }

    private func hears(_ text: String, _ client: Participant) throws(Deviation) {
        let (_, bytes) = try next(client)
        do {
            let expected = try JSONValue.parse(Array(text.utf8))
            let found = try JSONValue.parse(bytes)
            if placeholders.match(expected, found) { return }
        } catch {
            throw Deviation(description: "not JSON: \(error.reason)")
        }
        throw Deviation(description: "heard \(String(decoding: bytes, as: UTF8.self))")
    }

    /// The next frame that is part of the conversation; five seconds are patience enough.
    private func next(_ client: Participant) throws(Deviation) -> (MessageKind, [UInt8]) {
        wait {
            client.heard.removeAll { self.isIgnored($0.1, by: client) }
            return !client.heard.isEmpty
        }
        guard !client.heard.isEmpty else { throw Deviation(description: "heard nothing") }
        return client.heard.removeFirst()
    }

    private func wait(until isSo: () -> Bool) {
        let end = world.now.advanced(by: .seconds(5))
        while !isSo(), world.step(until: end) {}
    }

    private func isIgnored(_ bytes: [UInt8], by client: Participant) -> Bool {
        guard !client.ignored.isEmpty else { return false }
        let decoder = ClientDecoder(parser: JSONParser())
        do {
            let envelope = try decoder.decode(text: bytes, version: client.version)
            return client.ignored.contains(envelope.event)
        } catch {
            return false
        }
    }
}

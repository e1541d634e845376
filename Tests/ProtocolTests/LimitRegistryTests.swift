import Basics
import JSON
import Presence
import PubSub
import Resume
import RoomContract
import Testing
import WebSocket

@testable import Crypto
@testable import Gateway
@testable import HTTP
@testable import Hub
@testable import Phoenix

@Suite struct `limits.json` {
    /// Each published limit and the constants it stands for: where there are several, they are one.
    private static let constants: [String: [Int]] = [
        "topicBytes": [TopicName.maximumBytes, Envelope.maximumTopicBytes],
        "eventBytes": [Limits.eventNameBytes, Envelope.maximumEventBytes],
        "refBytes": [Ref.maximumBytes],
        "clientIDBytes": [Limits.clientIDBytes],
        "tokenBytes": [CompactToken.mostBytes],
        "tokenLeewaySeconds": [seconds(TokenGate.leeway)],
        "targetBytes": [HeadScanner.maximumTargetBytes],
        "requestSeconds": [seconds(Client.requestTime)],
        "topicsPerConnection": [Limits.topicsPerConnection],
        "messageBytes": [Limits.messageBytes, FrameDecoder.defaultMaximumMessageBytes],
        "httpBodyBytes": [Limits.httpBodyBytes, RequestParser.defaultMaximumBodyBytes],
        "echoMessageBytes": [Limits.echoMessageBytes],
        "jsonDepth": [JSONParser.maximumDepth],
        "eventBodyBytes": [Limits.eventBodyBytes],
        "joinBytes": [Limits.joinBytes],
        "textCharacters": [Limits.textCharacters],
        "historyDefault": [Limits.historyDefault, CatchUp.newestAfterReset],
        "historyMost": [Limits.historyMost, Int(CatchUp.resumePage)],
        "historyBytes": [Limits.historyBytes],
        "historyReads": [Home.historyReadsAtOnce],
        "replayMost": [Int(CatchUp.maximumReplay)],
        "eventsPerSecond": [Limits.eventsPerSecond, perSecond(Limits.events)],
        "eventsBurst": [Limits.eventsBurst, Limits.events.burst],
        "floodEvents": [Edge.toleratedExcess],
        "postsPerMinute": [
            Limits.postsPerMinute, perSecond(Limits.posts) * 60, Limits.posts.burst,
        ],
        "typingSeconds": [seconds(Limits.typing)],
        "outboxBytes": [OutboxBudget.defaultConnectionBytes],
        "outboxFrames": [Outbox.maximumFrames],
        "heartbeatSeconds": [seconds(Limits.heartbeat)],
        "silentSeconds": [seconds(Limits.silent), 2 * seconds(Limits.heartbeat)],
        "slowReaderSeconds": [seconds(Limits.slowReader)],
        "closeSeconds": [seconds(ClosingHandshake.patience)],
        "presenceGraceSeconds": [seconds(PresenceMap.Limits().grace)],
        "presenceKeyBytes": [Limits.presenceKeyBytes],
        "presenceStateBytes": [PresenceState.defaultMaximumBytes],
        "presenceMetasPerKey": [PresenceMap.Limits().metasPerKey],
        "presenceKeys": [PresenceMap.Limits().keys],
        "presenceBytes": [PresenceMap.Limits().bytes],
    ]

    @Test func `every published limit is the server's constant`() throws {
        for entry in try Registry.entries("limits.json") {
            let name = try #require(entry["name"]?.string)
            let value = try #require(entry["value"]?.integer.map(Int.init))
            let constants = try #require(Self.constants[name], "no constant for \(name)")
            #expect(constants.allSatisfy { $0 == value }, "\(name): \(value), \(constants)")
        }
    }

    @Test func `every limit is published once, with its unit, meaning and advice`() throws {
        let entries = try Registry.entries("limits.json")
        let names = entries.compactMap { $0["name"]?.string }
        #expect(names.sorted() == Self.constants.keys.sorted())
        for entry in entries {
            #expect(entry["unit"]?.string?.isEmpty == false, "\(entry["name"]?.string ?? "?")")
            for field in ["meaning", "client"] {
                let sentence = entry[field]?.string ?? ""
                #expect(sentence.hasSuffix(".") || sentence.hasSuffix("`."), "\(sentence)")
            }
        }
    }

    @Test func `the database refuses at the same bounds`() throws {
        let folder = "Sources/Shell/PostgresStorage/Migrations"
        let outbox = try Registry.text("\(folder)/0003_outbox.up.sql")
        let body = try #require(
            outbox.firstMatch(of: /body_limit constant int := (\d+) \* (\d+)/))
        #expect((Int(body.1) ?? 0) * (Int(body.2) ?? 0) == Limits.eventBodyBytes)
        let clientID = outbox.matches(of: /octet_length\(client_id\) (?:not )?between 1 and (\d+)/)
        #expect(clientID.count == 2)
        #expect(clientID.allSatisfy { Int($0.1) == Limits.clientIDBytes })
        let topic = try #require(outbox.firstMatch(of: /octet_length\(topic\) > (\d+)/))
        #expect(Int(topic.1) == TopicName.maximumBytes)
    }

    @Test func `the page knows the same bounds`() throws {
        let folder = "Sources/Shell/Gateway/Page"
        let composer = try Registry.text("\(folder)/composer-view.js")
        let characters = try #require(composer.firstMatch(of: /mostCharacters = ([\d_]+);/))
        #expect(Int(characters.1.filter { $0 != "_" }) == Limits.textCharacters)
        let course = try Registry.text("\(folder)/course.js")
        let page = try #require(course.firstMatch(of: /missedPage = ([\d_]+);/))
        #expect(Int(page.1.filter { $0 != "_" }) == Limits.historyMost)
    }

    private static func seconds(_ duration: Duration) -> Int {
        Int(duration.inNanoseconds / 1_000_000_000)
    }

    private static func perSecond(_ limit: RateLimit) -> Int {
        Int(1_000 / limit.interval.inMilliseconds)
    }
}

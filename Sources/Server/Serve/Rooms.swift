import Basics
import CourseChannels
import JSON
import OpenTopics
import People
import RoomContract

/// The rooms of this server: one line each.
enum Rooms {
    /// The catalog, with the rules of `rulesFile` where there is one.
    static func catalog(_ rulesFile: String?) throws(Failure) -> RoomCatalog {
        let rules = try rulesFile.map(rules(in:)) ?? .standard
        var catalog = RoomCatalog()
        catalog.add(CourseChannel.self)
        catalog.add(PersonRoom.self)
        catalog.add(OpenTopic.self) { OpenTopic(topic: $0, rules: rules) }
        return catalog
    }

    /// Far more rules than anybody writes by hand.
    private static let mostRulesBytes = 1 << 20

    private static func rules(in path: String) throws(Failure) -> OpenTopicRules {
        do {
            let file = try File.read(path, atMost: mostRulesBytes)
            return try OpenTopicRules(try JSONValue.parse(file.bytes))
        } catch let mistake as OpenTopicRules.Mistake {
            throw .configuration("--rules \(path.quoted): \(mistake.message)")
        } catch let error as JSONError {
            throw .configuration("--rules \(path.quoted): \(error.reason)")
        } catch {
            throw .configuration("--rules \(path.quoted): \(error)")
        }
    }
}

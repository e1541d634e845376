import Basics
import Crypto
import EventLoop
import Glibc
import JSON
import Postgres

/// The demo people and courses, and tokens for them: what the page at `/` offers to try.
struct DemoData: Sendable {
    private struct Person: Sendable {
        let id: String
        let name: String
        let role: String
    }

    private let people: [Person]
    private let courses: [(id: String, title: String)]
    private let signer: TokenSigner

    /// A day: long enough for an afternoon of trying things, also in a tab that was left open.
    private static let lifetime: Duration = .seconds(24 * 3_600)

    /// Reads people and courses once; blocks until they are there.
    init(connectionString: String, secret: [UInt8]) throws(Failure) {
        let rows = try DemoData.read(
            connectionString,
            "select person, name, role from rollcall.profiles order by name limit 50")
        people = (0..<rows.count).map { row in
            Person(id: rows.text(row, 0), name: rows.text(row, 1), role: rows.text(row, 2))
        }
        let titles = try DemoData.read(
            connectionString, "select course, title from rollcall.courses order by title limit 50")
        courses = (0..<titles.count).map { (titles.text($0, 0), titles.text($0, 1)) }
        do {
            signer = try TokenSigner(secret: secret)
        } catch {
            throw .configuration("JWT secret: \(error.text)")
        }
    }

    /// The answer to `GET /demo`.
    func page(at now: Timestamp) -> [UInt8] {
        var json = JSONWriter(reserving: 4_096)
        json.object { json in
            json.field(
                "people",
                array: { json in
                    for person in people {
                        json.object { json in
                            json.field("id", person.id)
                            json.field("name", person.name)
                            json.field("role", person.role)
                            json.field("token", token(of: person, at: now))
                        }
                    }
                })
            json.field(
                "courses",
                array: { json in
                    for course in courses {
                        json.object { json in
                            json.field("id", course.id)
                            json.field("title", course.title)
                        }
                    }
                })
        }
        return json.bytes
    }

    /// Three ready-made tokens, for who would rather use a client of their own.
    func tokensForConsole() -> String {
        let now = Timestamp(secondsSince1970: Int64(time(nil)))
        return people.prefix(3).map { person in
            "  token of \(person.name): \(token(of: person, at: now))"
        }.joined(separator: "\n")
    }

    private func token(of person: Person, at now: Timestamp) -> String {
        let issued = now.microseconds / 1_000_000
        let expires = now.advanced(by: DemoData.lifetime).microseconds / 1_000_000
        return signer.sign(
            JSONObject([
                JSONObject.Member(name: "sub", value: .string(person.id)),
                JSONObject.Member(name: "role", value: .string("authenticated")),
                JSONObject.Member(name: "iat", value: .integer(issued)),
                JSONObject.Member(name: "exp", value: .integer(expires)),
            ]))
    }

    private static func read(
        _ connectionString: String, _ sql: String
    ) throws(Failure) -> PostgresRows {
        let options = PostgresOptions(
            address: connectionString, applicationName: "rollcall demo")
        let result: Result<PostgresRows, PostgresError> = answer { loop, completion in
            let connection = PostgresConnection(loop: loop, options: options) { _ in }
            connection.execute(PostgresStatement("demo", sql), completion: completion)
            return connection.close
        }
        do {
            return try result.get()
        } catch {
            throw .unavailable("demo data: \(error)")
        }
    }
}

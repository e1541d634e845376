import Basics
import Postgres
import PubSub
package import Resume
package import RoomContract

/// The facts about people, from the views that the platform may replace.
package final class PostgresDirectory: AccessDirectory {
    private let session: PostgresSession

    init(session: PostgresSession) {
        self.session = session
    }

    package func facts(
        for queries: [AccessQuery],
        completion: @escaping (Result<[AccessFacts], StorageError>) -> Void
    ) {
        precondition(
            (1...AccessQuery.mostPerRequest).contains(queries.count),
            "\(queries.count) questions at once")
        let parameters: [PostgresParameter] = [
            .textArray(queries.map(\.person)), .textArray(queries.map(\.topic.text)),
        ]
        session.execute(PostgresDirectory.facts, parameters) { result in
            completion(
                result.storage { rows in
                    (0..<rows.count).map { row in accessFacts(in: rows, row) }
                })
        }
    }

    private static let facts = PostgresStatement(
        "facts",
        "select role, name, topic_exists, valid_until from rollcall.facts($1, $2) order by nth")
}

private func accessFacts(in rows: PostgresRows, _ row: Int) -> AccessFacts {
    AccessFacts(
        // A role that we do not know, from a replaced view, opens nothing.
        role: rows.optionalText(row, 0).flatMap(Role.init(rawValue:)),
        name: rows.optionalText(row, 1),
        topicExists: rows.bool(row, 2),
        validUntil: rows.isNull(row, 3) ? nil : rows.timestamp(row, 3))
}

import Postgres
package import PubSub
package import Resume
import RoomContract

/// Read cursors, one row per person and topic.
package final class PostgresCursors: CursorStore {
    private let session: PostgresSession

    init(session: PostgresSession) {
        self.session = session
    }

    package func cursor(
        of person: String, in topic: TopicName,
        completion: @escaping (Result<Int64, StorageError>) -> Void
    ) {
        session.execute(PostgresCursors.read, [.text(person), .text(topic.text)]) { result in
            completion(result.storage { rows in rows.count == 0 ? 0 : rows.int8(0, 0) })
        }
    }

    package func advanceCursor(
        of person: String, in topic: TopicName, to ordinal: Int64,
        completion: @escaping (Result<Int64, StorageError>) -> Void
    ) {
        let parameters: [PostgresParameter] = [.text(person), .text(topic.text), .int8(ordinal)]
        // When the connection is lost it may have moved; moving it again is harmless.
        session.execute(PostgresCursors.advance, parameters) { result in
            completion(result.storage { rows in rows.int8(0, 0) })
        }
    }

    private static let read = PostgresStatement(
        "cursor",
        """
        select c.ordinal from rollcall.cursors c
        join rollcall.heads h on h.topic_id = c.topic_id
        where c.person = $1 and h.topic = $2
        """)

    private static let advance = PostgresStatement(
        "advance_cursor", "select rollcall.advance_cursor($1, $2, $3)")
}

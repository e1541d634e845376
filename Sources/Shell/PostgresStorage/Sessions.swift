import Basics
import EventLoop
import Postgres

/// The connections of one loop, each with the settings of its role.
final class Sessions {
    enum Role: String, CaseIterable {
        case writer, reader, lookup, drainer

        /// What every connection of the role sets before it is used.
        ///
        /// Isolation and synchronous commit are pinned, because a database may have other
        /// defaults: repeatable read would turn contention into errors, asynchronous commit
        /// would make acknowledgements lies.
        var preamble: String {
            let common = """
                set default_transaction_isolation = 'read committed';
                set default_transaction_read_only = off;
                set synchronous_commit = on;
                set jit = off;
                set idle_in_transaction_session_timeout = '30s';
                """
            switch self {
            case .writer: return common + Role.appending
            case .reader: return common + "set statement_timeout = '5s';"
            case .lookup:
                return common + "set statement_timeout = '5s'; listen \(AccessTail.channel);"
            case .drainer: return common + Role.appending + "listen \(OutboxDrainer.channel);"
            }
        }

        /// Timeouts for whoever holds heads, and the plans of `rollcall.append` pinned to its
        /// indexes: worth 10 to 15 % of its rate, and proof against statistics of a young table.
        private static let appending = """
            set lock_timeout = '2s';
            set statement_timeout = '10s';
            set plan_cache_mode = force_generic_plan;
            set enable_seqscan = off;
            set enable_hashjoin = off;
            set enable_mergejoin = off;
            """
    }

    /// Hears what each connection says. Set it before the loop's next turn.
    var onEvent: (Role, PostgresSession.Event) -> Void = { _, _ in }

    private var sessions: [Role: PostgresSession] = [:]
    private let messages: Log

    init(loop: EventLoop, address: String, name: String, messages: Log) {
        self.messages = messages
        for role in Role.allCases {
            var options = PostgresOptions(
                address: address, applicationName: "\(name) \(role.rawValue)")
            options.preamble = role.preamble
            sessions[role] = PostgresSession(loop: loop, options: options) { [weak self] event in
                self?.report(event, of: role)
                self?.onEvent(role, event)
            }
        }
    }

    var writer: PostgresSession { session(.writer) }
    var reader: PostgresSession { session(.reader) }
    var lookup: PostgresSession { session(.lookup) }
    var drainer: PostgresSession { session(.drainer) }

    var areUp: Bool { sessions.values.allSatisfy(\.isUp) }

    func close() {
        for session in sessions.values { session.close() }
    }

    private func session(_ role: Role) -> PostgresSession {
        guard let session = sessions[role] else { preconditionFailure("no session for \(role)") }
        return session
    }

    private func report(_ event: PostgresSession.Event, of role: Role) {
        switch event {
        case .up: messages.debug("connected to PostgreSQL", .init("role", role.rawValue))
        case .down(let reason):
            messages.warning(
                "no connection to PostgreSQL", .init("role", role.rawValue),
                .init("reason", reason))
        case .notification: break
        }
    }
}

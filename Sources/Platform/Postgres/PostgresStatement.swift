/// A statement that is prepared once per connection, when it is first used there.
package struct PostgresStatement: Sendable {
    /// Unique among the statements of a program.
    package let name: String
    /// One command, with `$1`, `$2` … for its parameters.
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

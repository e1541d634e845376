import Crypto

/// One numbered step of the schema, with its way down.
struct Migration {
    /// 1, 2, 3 … in the order of application.
    let version: Int32
    let name: String
    let up: String
    let down: String

    /// SHA-256 of `up` in hexadecimal: a step that was applied must never be edited.
    var checksum: String {
        Digest.sha256(Array(up.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private init(_ version: Int32, _ name: String, up: [UInt8], down: [UInt8]) {
        self.version = version
        self.name = name
        self.up = String(decoding: up, as: UTF8.self)
        self.down = String(decoding: down, as: UTF8.self)
    }

    /// Every step this program knows. The bytes are the files of `Migrations/`, under the names
    /// that SwiftPM makes of theirs: a leading digit becomes `_`.
    static let all = [
        Migration(
            1, "log", up: PackageResources._001_log_up_sql,
            down: PackageResources._001_log_down_sql),
        Migration(
            2, "append", up: PackageResources._002_append_up_sql,
            down: PackageResources._002_append_down_sql),
        Migration(
            3, "outbox", up: PackageResources._003_outbox_up_sql,
            down: PackageResources._003_outbox_down_sql),
        Migration(
            4, "people", up: PackageResources._004_people_up_sql,
            down: PackageResources._004_people_down_sql),
        Migration(
            5, "access", up: PackageResources._005_access_up_sql,
            down: PackageResources._005_access_down_sql),
        Migration(
            6, "cursors", up: PackageResources._006_cursors_up_sql,
            down: PackageResources._006_cursors_down_sql),
    ]

    /// Demo people and courses, in SQL that changes nothing when it runs again.
    static let demo = String(decoding: PackageResources.seed_demo_sql, as: UTF8.self)
}

import Glibc

/// What the process says about itself, on standard error: for people or as JSON lines.
///
/// Lines are written whole with one `write(2)`, so loops need no lock. Never pass message
/// contents or tokens: a log is read by more people than the channel was.
package struct Log: Sendable {
    /// How much a line matters; a log leaves out what is below its own level.
    package enum Level: Int, Comparable, Sendable, CaseIterable {
        case debug, info, warning, error

        package static func < (left: Level, right: Level) -> Bool {
            left.rawValue < right.rawValue
        }

        package var name: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .warning: "warning"
            case .error: "error"
            }
        }

        /// The level of that name; nil for any other word.
        package init?(name: some StringProtocol) {
            guard let level = Level.allCases.first(where: { $0.name == name }) else { return nil }
            self = level
        }
    }

    /// Lines for people, or one JSON object a line.
    package enum Format: Sendable { case human, json }

    package let level: Level
    package let format: Format

    package init(level: Level, format: Format) {
        self.level = level
        self.format = format
    }

    /// Says nothing below `.error`; for tests.
    package static let quiet = Log(level: .error, format: .human)

    /// Says what only a developer asks for. Nothing is evaluated below the level.
    package func debug(_ message: @autoclosure () -> String, _ fields: Field...) {
        write(.debug, message, fields)
    }

    /// Says what an operator may want to know.
    package func info(_ message: @autoclosure () -> String, _ fields: Field...) {
        write(.info, message, fields)
    }

    /// Says what an operator should look at some time.
    package func warning(_ message: @autoclosure () -> String, _ fields: Field...) {
        write(.warning, message, fields)
    }

    /// Says what an operator must mend.
    package func error(_ message: @autoclosure () -> String, _ fields: Field...) {
        write(.error, message, fields)
    }

    /// A named value beside the message, so that machines need not parse sentences.
    package struct Field: Sendable {
        let name: String
        let value: String

        package init(_ name: String, _ value: some CustomStringConvertible) {
            self.name = name
            self.value = value.description
        }
    }

    private func write(_ level: Level, _ message: () -> String, _ fields: [Field]) {
        guard level >= self.level else { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let time = Timestamp(
            microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000)
        let line: String
        switch format {
        case .human:
            let tail = fields.map { " \($0.name)=\($0.value)" }.joined()
            line = "\(time.rfc3339) \(level.name) \(message())\(tail)\n"
        case .json:
            let tail = fields.map { ",\(Log.quoted($0.name)):\(Log.quoted($0.value))" }.joined()
            line =
                "{\"at\":\"\(time.rfc3339)\",\"level\":\"\(level.name)\","
                + "\"message\":\(Log.quoted(message()))\(tail)}\n"
        }
        let bytes = Array(line.utf8)
        // A full or closed standard error must not stop the server: the line is lost, no more.
        _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

import Basics

/// How much the process says about itself, and to whom.
struct LogSetting: Hashable, Sendable {
    let level: Log.Level
    let format: Log.Format

    static let standard = LogSetting(level: .info, format: .human)

    private init(level: Log.Level, format: Log.Format) {
        self.level = level
        self.format = format
    }

    /// Reads `LEVEL` or `LEVEL,json`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let level = Log.Level(name: parts[0]) else { return nil }
        switch parts.dropFirst() {
        case []: self.init(level: level, format: .human)
        case ["json"]: self.init(level: level, format: .json)
        case _: return nil
        }
    }

    var log: Log { Log(level: level, format: format) }
}

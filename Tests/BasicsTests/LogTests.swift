import Testing

@testable import Basics

@Suite("The log's levels")
struct LogTests {
    @Test(arguments: Log.Level.allCases)
    func `a level is found by its name`(level: Log.Level) {
        #expect(Log.Level(name: level.name) == level)
    }

    @Test
    func `levels are ordered, and an unknown name is none`() {
        #expect(Log.Level.allCases.sorted() == [.debug, .info, .warning, .error])
        #expect(Log.Level(name: "loud") == nil)
    }
}

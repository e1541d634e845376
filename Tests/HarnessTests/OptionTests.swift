import Testing

@testable import rollcall_load

@Suite struct OptionTests {
    private static let known = [
        Option("--rate", "N", default: "20", "messages a second"),
        Option("--max", nil, "closed loop"),
        Option("--people", "N", "persons"),
    ]

    private func line(_ words: [String], _ ask: (Options) throws(UsageError) -> Void) -> String? {
        do throws(UsageError) {
            try ask(try Options(words, for: OptionTests.known))
            return nil
        } catch {
            return error.line
        }
    }

    @Test func `a default holds until a value is given`() throws {
        let silent = try Options([], for: OptionTests.known)
        let given = try Options(["--rate", "7"], for: OptionTests.known)
        let joined = try Options(["--rate=8"], for: OptionTests.known)
        let rates = [
            try silent.integer("--rate", in: 1...100), try given.integer("--rate", in: 1...100),
            try joined.integer("--rate", in: 1...100),
        ]
        #expect(rates == [20, 7, 8])
        #expect(!silent.isGiven("--people"))
    }

    @Test func `a switch is given or not`() throws {
        let options = try Options(["--max"], for: OptionTests.known)
        #expect(options.isGiven("--max"))
        let mistake = line(["--max=yes"]) { _ in }
        #expect(mistake == "--max: takes no value")
    }

    @Test func `an unknown flag is named`() {
        let mistake = line(["--rat", "7"]) { _ in }
        #expect(mistake == "unknown flag --rat; --help lists what there is")
    }

    @Test func `a flag twice, or without its value, is refused`() {
        let twice = line(["--rate", "1", "--rate", "2"]) { _ in }
        let missing = line(["--rate"]) { _ in }
        let swallowed = line(["--rate", "--max"]) { _ in }
        #expect(twice == "--rate: given more than once")
        #expect(missing == "--rate: expected N, found nothing")
        #expect(swallowed == "--rate: expected N, found nothing")
    }

    @Test(arguments: ["0", "101", "x", "1.5", ""])
    func `a whole number outside its bounds is refused with both`(value: String) {
        let mistake = line(["--rate=\(value)"]) { options throws(UsageError) in
            _ = try options.integer("--rate", in: 1...100)
        }
        #expect(mistake == "--rate: found \(value), expected a whole number from 1 to 100")
    }

    @Test func `the bounds themselves are fine`() throws {
        for value in [1, 100] {
            let options = try Options(["--rate", "\(value)"], for: OptionTests.known)
            let read = try options.integer("--rate", in: 1...100)
            #expect(read == value)
        }
    }

    @Test(
        arguments: [
            ("ws://127.0.0.1:4000", "127.0.0.1", 4000), ("ws://localhost:80/", "localhost", 80),
        ] as [(String, String, UInt16)])
    func `the server's address is host and port`(
        url: String, host: String, port: UInt16
    ) throws {
        let address = try ServerAddress(url)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: [
        "", "ws://", "wss://a:1", "http://a:1", "ws://a", "ws://a:0", "ws://a:65536", "ws://:1",
        "ws://a:1/path",
    ])
    func `what is no such address is refused`(url: String) {
        #expect(throws: UsageError.self) { try ServerAddress(url) }
    }
}

/// The texts of `--help`, from the same tables that the parser reads.
enum Help {
    static func overview(_ scenarios: [any Scenario.Type]) -> String {
        let list = scenarios.map { "  \($0.name.padded(to: 10))\($0.summary)\n" }.joined()
        return """
            rollcall-load puts a server under load and says what it did: over the public protocol
            only, with latencies counted from when a message was due, and with a ledger of every
            message for every subscriber.

            usage: rollcall-load SCENARIO [flags]
                   rollcall-load --scenario FILE [flags]
                   rollcall-load compare BASE.jsonl NEW.jsonl
                   rollcall-load peers BASE.jsonl OTHER.jsonl …

            scenarios:
            \(list)
            other commands:
              compare   medians and ratios of two files of runs written with --json
              peers     the same for any number of servers, a line each (LoadTests/run-peers)

            A scenario file is {"scenario": "storm", "flags": {"people": 15000, "resume": true}};
            flags of the command line win.

            exit codes: 0 passed · 1 a target was missed (such as --max-p99, or a lost message)
                        2 the run says nothing, and why · 64 the command line is wrong

            rollcall-load SCENARIO --help teaches a scenario with every default.

            """
    }

    static func page(_ scenario: any Scenario.Type) -> String {
        let flags = (scenario.options + CommonOptions.all).map(entry).joined()
        return """
            usage: rollcall-load \(scenario.name) [flags]

            \(scenario.discussion)

            flags:
            \(flags)
            examples:
            \(scenario.examples.map { "  \($0)\n" }.joined())
            """
    }

    private static func entry(_ option: Option) -> String {
        let title = option.placeholder.map { "\(option.flag) \($0)" } ?? option.flag
        let fallback = option.fallback.map { " (default \($0))" } ?? ""
        return "  \(title)\n      \(option.summary)\(fallback)\n"
    }
}

extension String {
    /// With blanks up to `width` letters.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}

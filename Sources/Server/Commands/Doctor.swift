extension Synopsis {
    static let doctor = Synopsis(
        "doctor", summary: "check database, settings and limits, and say what to mend",
        discussion: """
            Looks at everything the server needs and prints one line for each: ✓ is well,
            ! is to be mended, with how. Nothing is changed. The exit code is 1 when something
            must be mended.
            """,
        settings: ServeConfiguration.settings,
        examples: [.init("rollcall doctor", "with the same flags and variables as serve")])
}

extension Subcommand {
    func doctor(_ run: Run) throws(Failure) -> ExitCode {
        let findings: [Finding]
        do {
            let configuration = try ServeConfiguration(run.settings, asRoot: run.isRoot)
            findings =
                FilesCheckup(configuration: configuration).findings()
                + [LimitsCheckup.finding(), PortCheckup(address: configuration.listen).finding()]
                + DatabaseCheckup(configuration: configuration).findings()
        } catch {
            // The rest depends on it: one thing at a time.
            findings = [.mend(error.line, "see rollcall serve --help")]
        }
        for finding in findings { run.console.out(finding.line) }
        return findings.allSatisfy(\.isWell) ? .success : .failure
    }
}

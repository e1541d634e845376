import Testing

@testable import rollcall

@Suite("The command line")
struct CommandLineToolTests {
    @Test func `help lists every command`() {
        let transcript = Transcript.of("--help")
        #expect(transcript.code == .success)
        for subcommand in Subcommand.allCases {
            #expect(transcript.out.contains("  \(subcommand.rawValue) "))
        }
    }

    @Test(arguments: Subcommand.allCases)
    func `every command teaches all its flags and variables`(subcommand: Subcommand) {
        let transcript = Transcript.of(subcommand.rawValue, "--help")
        #expect(transcript.code == .success)
        #expect(subcommand.synopsis.name == subcommand.rawValue)
        #expect(!subcommand.synopsis.examples.isEmpty)
        for setting in subcommand.synopsis.settings {
            for name in [setting.flag, setting.variable].compactMap({ $0 }) {
                #expect(transcript.out.contains(name))
            }
        }
        let widest = transcript.out.split(separator: "\n").map(\.count).max() ?? 0
        #expect(widest <= 100)
    }

    @Test func `help about a command is the same however it is asked for`() {
        let asked = Transcript.of("help", "token")
        let flagged = Transcript.of("token", "-h")
        #expect(asked.out == flagged.out)
        #expect(asked.error.isEmpty)
    }

    @Test func `no command at all prints the overview as a complaint`() {
        let transcript = Transcript.of()
        #expect(transcript.code == .usage)
        #expect(transcript.out.isEmpty)
        #expect(transcript.error.contains("usage: rollcall COMMAND"))
    }

    @Test func `an unknown command is named with the nearest one`() {
        let transcript = Transcript.of("serv")
        #expect(transcript.code == .usage)
        #expect(
            transcript.error
                == "rollcall: unknown command \"serv\", did you mean serve?; see rollcall --help\n")
    }

    @Test func `the version is printed`() {
        let transcript = Transcript.of("--version")
        #expect(transcript.out == "rollcall \(CommandLineTool.version)\n")
    }

    @Test func `an unknown variable is warned about with the nearest one`() {
        let environment = ["ROLLCALL_LISTN": "x", "ROLLCALL_ZZZZ": "x", "ROLLCALL_LOG": "info"]
        let known = [Setting.listen, .log].compactMap(\.variable)
        let warnings = Settings.warnings(about: environment, known: known)
        #expect(
            warnings == [
                "ROLLCALL_LISTN: no such setting, did you mean ROLLCALL_LISTEN?; ignored",
                "ROLLCALL_ZZZZ: no such setting; ignored",
            ])
    }
}

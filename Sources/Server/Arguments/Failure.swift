/// How the process ends, in the numbers of `sysexits.h`, which service managers know.
enum ExitCode: Int32, Sendable {
    case success = 0

    /// The command did its work and the answer is no: `doctor` found something to mend.
    case failure = 1

    /// The command line is wrong (EX_USAGE).
    case usage = 64

    /// Something needed is not there now, such as the database (EX_UNAVAILABLE): try again.
    case unavailable = 69

    /// A file or directory cannot be made or written (EX_CANTCREAT).
    case cannotCreate = 73

    /// A setting outside the command line is wrong (EX_CONFIG).
    case configuration = 78
}

/// Why a command ends early: one line for whoever started it, and the exit code.
///
/// The line names the setting or the file, what was found and what was expected; never a secret.
struct Failure: Error, Hashable, Sendable {
    let line: String
    let code: ExitCode

    static func usage(_ line: String) -> Failure { Failure(line: line, code: .usage) }
    static func unavailable(_ line: String) -> Failure { Failure(line: line, code: .unavailable) }
    static func cannotCreate(_ line: String) -> Failure { Failure(line: line, code: .cannotCreate) }
    static func configuration(_ line: String) -> Failure {
        Failure(line: line, code: .configuration)
    }
}

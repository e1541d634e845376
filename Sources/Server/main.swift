import Glibc

// A peer that went away is an error of the write, not the end of the process.
signal(SIGPIPE, SIG_IGN)

let code: ExitCode
do {
    let tool = CommandLineTool(
        environment: try Environment.ofProcess(), console: .standard, isRoot: geteuid() == 0)
    code = tool.run(Array(CommandLine.arguments.dropFirst()))
} catch {
    Console.standard.error("rollcall: \(error.line)")
    code = error.code
}
exit(code.rawValue)

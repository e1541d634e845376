import Glibc

// A signal mask is inherited: a parent that blocked SIGCHLD would have us wait for ever for the
// programs that we start, and one that blocked SIGTERM could not stop us.
var noSignals = sigset_t()
sigemptyset(&noSignals)
sigprocmask(SIG_SETMASK, &noSignals, nil)

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

import Glibc

/// Programs run to their end while the caller waits, for the operator's tool and for starting.
/// Never on a thread whose loop serves.
package enum Command {
    /// What a program returned and wrote.
    package struct Outcome: Sendable {
        package let exit: ChildProcess.Exit
        /// At most ``Command/mostOutputBytes``; the rest was read and dropped.
        package let output: [UInt8]
        /// As for the output.
        package let errors: [UInt8]

        package var outputText: String { String(decoding: output, as: UTF8.self) }
        package var errorText: String { String(decoding: errors, as: UTF8.self) }
    }

    /// How much of each output is kept: enough for any report of a tool, and a program that
    /// babbles does not fill our memory.
    package static let mostOutputBytes = 1 << 20

    /// Runs `launch` to its end, its outputs captured whatever it says about them.
    ///
    /// After `limit` it gets SIGKILL, which the exit then shows.
    package static func run(
        _ launch: ChildProcess.Launch, limit: Duration = .seconds(60)
    ) throws(SystemError) -> Outcome {
        let loop = EventLoop()
        defer { loop.close() }
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var exit: ChildProcess.Exit?
        var launch = launch
        launch.output = .captured { keep($0, in: &output) }
        launch.errors = .captured { keep($0, in: &errors) }
        let child = try ChildProcess(loop: loop, launch) {
            exit = $0
            loop.stop()
        }
        loop.schedule(after: limit) { child.kill(SIGKILL) }
        loop.run()
        guard let exit else { preconditionFailure("the loop stopped before \(launch.program)") }
        return Outcome(exit: exit, output: output, errors: errors)
    }

    private static func keep(_ bytes: UnsafeRawBufferPointer, in kept: inout [UInt8]) {
        kept.append(contentsOf: bytes.prefix(mostOutputBytes - kept.count))
    }
}

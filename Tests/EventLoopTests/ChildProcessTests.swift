import Foundation
import Testing

@testable import EventLoop

@Suite struct ChildProcessTests {
    private func run(
        _ launch: ChildProcess.Launch, then act: @escaping (ChildProcess) -> Void = { _ in }
    ) throws -> ChildProcess.Exit? {
        var exit: ChildProcess.Exit?
        try withLoop { loop in
            let child = try ChildProcess(loop: loop, launch) {
                exit = $0
                loop.stop()
            }
            loop.perform { act(child) }
            loop.run()
            #expect(child.identifier == 0)
            child.kill(SIGKILL)
        }
        return exit
    }

    private func shell(_ script: String) -> ChildProcess.Launch {
        ChildProcess.Launch("/bin/sh", ["-c", script])
    }

    @Test func `a child's status is reported`() throws {
        let failed = try run(shell("exit 7"))
        let succeeded = try run(shell("exit 0"))
        #expect(failed == ChildProcess.Exit(status: 7, signal: 0))
        #expect(succeeded?.isSuccess == true)
    }

    @Test func `the signal that ended a child is reported`() throws {
        let exit = try run(shell("exec sleep 60")) { $0.kill(SIGTERM) }
        #expect(exit == ChildProcess.Exit(status: 0, signal: SIGTERM))
    }

    @Test func `a captured output is complete before the exit is reported`() throws {
        var output: [UInt8] = []
        var launch = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
        launch.output = .captured { output.append(contentsOf: $0) }
        let exit = try run(launch)
        let expected = (0..<20_000).map { "line \($0)\n" }.joined()
        #expect(exit?.isSuccess == true)
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test func `a grandchild that keeps the stream open does not delay the exit`() throws {
        var output: [UInt8] = []
        var launch = shell("echo started; sleep 3 & exit 0")
        launch.output = .captured { output.append(contentsOf: $0) }
        let start = ContinuousClock.now
        let exit = try run(launch)
        let elapsed = ContinuousClock.now - start
        #expect(exit?.isSuccess == true)
        #expect(String(decoding: output, as: UTF8.self) == "started\n")
        #expect(elapsed < .seconds(2.5))
    }

    @Test func `a program that is not there is an error that names it`() throws {
        withLoop { loop in
            let error = #expect(throws: SystemError.self) {
                _ = try ChildProcess(loop: loop, .init("/nowhere/at-all")) { _ in }
            }
            #expect(error == SystemError(code: ENOENT, operation: "start /nowhere/at-all"))
        }
    }

    @Test func `an output file that cannot be made is an error`() throws {
        withLoop { loop in
            var launch = shell("true")
            launch.output = .captured { _ in }
            launch.errors = .file("/nowhere/log")
            let error = #expect(throws: SystemError.self) {
                _ = try ChildProcess(loop: loop, launch) { _ in }
            }
            #expect(error?.operation == "open /nowhere/log")
        }
    }

    @Test func `output to a file is appended and private`() throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "child-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var launch = shell("echo one; echo two >&2")
        launch.output = .file(path)
        launch.errors = .file(path)
        let exits = [try run(launch), try run(launch)]
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(exits.allSatisfy { $0?.isSuccess == true })
        #expect(text == "one\ntwo\none\ntwo\n")
        #expect((mode as? NSNumber)?.intValue == 0o600)
    }

    @Test func `a closed loop leaves its child running`() throws {
        let loop = EventLoop()
        var launch = ChildProcess.Launch("/bin/sleep", ["60"])
        launch.isDetached = true
        let child = try ChildProcess(loop: loop, launch) { _ in }
        let identifier = child.identifier
        loop.close()
        let isAlive = Foundation.kill(identifier, 0) == 0
        Foundation.kill(identifier, SIGKILL)
        waitpid(identifier, nil, 0)
        #expect(isAlive)
    }

    @Test(.enabled(if: getuid() == 0, "needs root"))
    func `root starts a child as somebody else`() throws {
        var launch = shell("id -u; id -g; id -G")
        launch.user = 65_534
        launch.group = 65_534
        let outcome = try Command.run(launch)
        #expect(outcome.outputText == "65534\n65534\n65534\n")
    }
}

@Suite struct CommandTests {
    @Test func `outputs, status, environment and directory are as asked`() throws {
        var launch = ChildProcess.Launch(
            "/bin/sh", ["-c", "echo $GREETING from $(pwd); echo oops >&2; exit 3"])
        launch.environment = ["GREETING": "hello", "PATH": "/bin:/usr/bin"]
        launch.directory = "/"
        let outcome = try Command.run(launch)
        #expect(outcome.exit.status == 3)
        #expect(outcome.outputText == "hello from /\n")
        #expect(outcome.errorText == "oops\n")
    }

    @Test func `a program is found by its name, and inherits our environment`() throws {
        let outcome = try Command.run(.init("sh", ["-c", "test -n \"$PATH\" && printf yes"]))
        #expect(outcome.outputText == "yes")
    }

    @Test func `standard input is empty`() throws {
        let outcome = try Command.run(.init("cat"))
        #expect(outcome.exit.isSuccess)
        #expect(outcome.output.isEmpty)
    }

    @Test func `a program that takes too long is killed`() throws {
        let outcome = try Command.run(.init("sleep", ["60"]), limit: .milliseconds(30))
        #expect(outcome.exit.signal == SIGKILL)
    }

    @Test func `no more than the limit of an output is kept`() throws {
        let most = Command.mostOutputBytes
        let full = try Command.run(.init("head", ["-c", "\(most)", "/dev/zero"]))
        let beyond = try Command.run(.init("head", ["-c", "\(most + 1)", "/dev/zero"]))
        #expect(full.output.count == most)
        #expect(beyond.output.count == most)
        #expect(beyond.exit.isSuccess)
    }
}

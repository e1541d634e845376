import CLibuv
import Glibc

/// A program that we start and whose end we hear of.
///
/// The loop waits for it like for any other handle, but closing the loop does not end it: who
/// wants that kills it first. Its standard input is empty.
package final class ChildProcess: LoopResource {
    /// Where a child's standard output or error goes.
    package enum Output {
        /// Where ours goes.
        case inherited
        /// Nowhere.
        case discarded
        /// To the end of a file, which is made if need be, readable by its owner only.
        case file(String)
        /// To us, in pieces of any size, valid during the call.
        case captured((UnsafeRawBufferPointer) -> Void)
    }

    /// What to start and how.
    package struct Launch {
        /// A path, or a name to be found in the child's `PATH`.
        package var program: String
        /// Without the program's own name, which is put before them.
        package var arguments: [String]
        /// All of the child's environment; nil passes ours on.
        package var environment: [String: String]?
        /// Where it starts; nil is where we are.
        package var directory: String?
        /// Whom it runs as, with no further groups; nil is who we are. Needs root.
        package var user: UInt32?
        /// The group it runs in; nil is ours. Needs root.
        package var group: UInt32?
        /// Whether it leads a session of its own, so that it survives us and our terminal.
        package var isDetached = false
        package var output: Output = .inherited
        package var errors: Output = .inherited

        package init(_ program: String, _ arguments: [String] = []) {
            self.program = program
            self.arguments = arguments
        }
    }

    /// How a child ended.
    package struct Exit: Hashable, Sendable {
        /// What it returned; 0 when a signal ended it.
        package let status: Int32
        /// The signal that ended it; 0 when it returned.
        package let signal: Int32

        package var isSuccess: Bool { status == 0 && signal == 0 }
    }

    private let memory = HandleMemory<uv_process_t>()
    /// Nil once called or closed, which also frees what the closure holds.
    private var onExit: ((Exit) -> Void)?
    private var captures: [OutputCapture] = []
    private var isRunning = false

    /// The number the system knows it by, as long as it runs.
    package var identifier: Int32 { isRunning ? memory.pointer.pointee.pid : 0 }

    /// Starts the program. `onExit` is called once, after all captured output; what a
    /// grandchild writes to a captured stream later is not waited for.
    ///
    /// Throws when it cannot be started: not found, not permitted, no process left.
    package init(
        loop: EventLoop, _ launch: Launch, onExit: @escaping (Exit) -> Void
    ) throws(SystemError) {
        self.onExit = onExit
        super.init()
        precondition(!loop.isClosed, "a closed EventLoop starts nothing")
        var streams: [ChildStream] = []
        defer { for stream in streams { stream.close() } }
        do throws(SystemError) {
            streams.append(try ChildStream(launch.output, loop: loop, standard: 1))
            streams.append(try ChildStream(launch.errors, loop: loop, standard: 2))
        } catch {
            for stream in streams { stream.capture?.close() }
            memory.discard()
            throw error
        }
        captures = streams.compactMap(\.capture)
        let status = spawn(loop, launch, streams)
        // Whether or not it succeeded, libuv knows the handle, so it has to be closed.
        memory.retain(self)
        if status < 0 {
            end()
            throw SystemError(code: -status, operation: "start \(launch.program)")
        }
        isRunning = true
    }

    /// Sends a signal, such as `SIGTERM`. Nothing happens once the child has ended.
    package func kill(_ signal: Int32) {
        guard isRunning else { return }
        uv_process_kill(memory.pointer, signal)
    }

    override func handleFired(status: Int32, events: Int32) {
        guard isRunning else { return }
        for capture in captures { capture.drain() }
        let onExit = onExit
        end()
        onExit?(Exit(status: status, signal: events))
    }

    override func closeHandles() {
        end()
    }

    private func end() {
        isRunning = false
        onExit = nil
        for capture in captures { capture.close() }
        captures = []
        memory.close()
    }

    private func spawn(_ loop: EventLoop, _ launch: Launch, _ streams: [ChildStream]) -> Int32 {
        var arguments = CStrings([launch.program] + launch.arguments)
        var environment = CStrings(launch.environment?.map { "\($0.key)=\($0.value)" } ?? [])
        var containers = [uv_stdio_container_t()] + streams.map(\.container)
        containers[0].flags = UV_IGNORE
        var options = uv_process_options_t()
        options.exit_cb = childExited
        options.flags = flags(launch)
        options.uid = launch.user ?? 0
        options.gid = launch.group ?? 0
        return launch.program.withCString { program in
            withOptionalCString(launch.directory) { directory in
                options.file = program
                options.cwd = directory
                return arguments.withPointer { arguments in
                    options.args = arguments
                    return environment.withPointer { environment in
                        options.env = launch.environment == nil ? nil : environment
                        return containers.withUnsafeMutableBufferPointer { containers in
                            options.stdio_count = Int32(containers.count)
                            options.stdio = containers.baseAddress
                            return uv_spawn(loop.raw, memory.pointer, &options)
                        }
                    }
                }
            }
        }
    }

    private func flags(_ launch: Launch) -> UInt32 {
        (launch.isDetached ? UV_PROCESS_DETACHED.rawValue : 0)
            | (launch.user == nil ? 0 : UV_PROCESS_SETUID.rawValue)
            | (launch.group == nil ? 0 : UV_PROCESS_SETGID.rawValue)
    }
}

private nonisolated func childExited(
    _ handle: UnsafeMutablePointer<uv_process_t>?, status: Int64, signal: Int32
) {
    fire(handle?.pointee.data, status: Int32(truncatingIfNeeded: status), events: signal)
}

private func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
    guard let text else { return body(nil) }
    return text.withCString(body)
}

/// A null-terminated array of C strings, copies that are freed with the value's last use.
private struct CStrings: ~Copyable {
    private var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    deinit {
        for pointer in pointers { free(pointer) }
    }

    mutating func withPointer<Result>(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Result
    ) -> Result {
        pointers.withUnsafeMutableBufferPointer { body($0.baseAddress) }
    }
}

import CLibuv
import Glibc

/// One output of a child while it is being started: the descriptor it gets, and our end.
struct ChildStream {
    let capture: OutputCapture?
    private let descriptor: Int32
    private let isOurs: Bool

    /// `standard` is 1 for output and 2 for errors.
    init(
        _ output: ChildProcess.Output, loop: EventLoop, standard: Int32
    ) throws(SystemError) {
        switch output {
        case .inherited:
            descriptor = standard
            isOurs = false
            capture = nil
        case .discarded:
            descriptor = -1
            isOurs = false
            capture = nil
        case .file(let path):
            descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SystemError.last("open \(path)") }
            isOurs = true
            capture = nil
        case .captured(let receive):
            var ends: [Int32] = [-1, -1]
            try SystemError.check(
                uv_pipe(&ends, Int32(UV_NONBLOCK_PIPE.rawValue), 0), "make a pipe")
            do throws(SystemError) {
                capture = try OutputCapture(loop: loop, descriptor: ends[0], receive)
            } catch {
                Glibc.close(ends[0])
                Glibc.close(ends[1])
                throw error
            }
            descriptor = ends[1]
            isOurs = true
        }
    }

    var container: uv_stdio_container_t {
        var container = uv_stdio_container_t()
        container.flags = descriptor < 0 ? UV_IGNORE : UV_INHERIT_FD
        container.data.fd = descriptor
        return container
    }

    /// Closes our copy of the child's end, without which we would never see the end.
    func close() {
        if isOurs { Glibc.close(descriptor) }
    }
}

/// Reads what a child writes into a pipe.
final class OutputCapture {
    private let descriptor: Int32
    private let receive: (UnsafeRawBufferPointer) -> Void
    private var poller: Poller?

    /// Takes over the descriptor unless it throws.
    init(
        loop: EventLoop, descriptor: Int32, _ receive: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(SystemError) {
        self.descriptor = descriptor
        self.receive = receive
        // The cycle through the closure is broken by close().
        poller = try Poller(loop: loop, descriptor: descriptor) { _ in self.readOnce() }
        poller?.watch(.readable)
    }

    /// Reads all there is now.
    func drain() {
        while poller != nil && readOnce() {}
    }

    func close() {
        guard let poller else { return }
        poller.close()
        self.poller = nil
        Glibc.close(descriptor)
    }

    /// Whether there may be more.
    @discardableResult
    private func readOnce() -> Bool {
        var chunk = [UInt8](repeating: 0, count: pipeChunkBytes)
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 {
            chunk.withUnsafeBytes { receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            return true
        }
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return false }
        close()
        return false
    }
}

/// Read at once from a child: 16 KiB, a quarter of a pipe on Linux.
private let pipeChunkBytes = 16_384

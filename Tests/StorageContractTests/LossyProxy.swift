import Foundation
import Synchronization

/// Stands between a server of ours and PostgreSQL, and loses exactly one answer: the one to the
/// first request that contains a marker.
///
/// What it loses was carried out: PostgreSQL has said so, and nobody hears it. Threads with
/// blocking reads, because the code under test must not be what tests it.
final class LossyProxy: Sendable {
    /// Where libpq finds it: give it as `host`.
    let directory: String

    private let target: String
    private let listener: Int32
    private let marker: [UInt8]
    private let isArmed = Atomic(true)
    private let lost = Atomic(0)

    /// - Parameter target: the directory of the real server's socket.
    init(target: String, marker: String) {
        self.target = target
        self.marker = Array(marker.utf8)
        directory = "/tmp/rollcall-proxy-\(getpid())"
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        } catch {
            fatalError("cannot make \(directory): \(error)")
        }
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = withAddress(directory) { bind(listener, $0, $1) }
        precondition(bound == 0 && listen(listener, 8) == 0, "the proxy cannot listen")
        Thread.detachNewThread { [self] in accept() }
    }

    /// Answers lost so far.
    var losses: Int { lost.load(ordering: .sequentiallyConsistent) }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        _ = Foundation.close(listener)
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            fatalError("cannot remove \(directory): \(error)")
        }
    }

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let connected = withAddress(target) { connect(server, $0, $1) }
            precondition(connected == 0, "the proxy cannot reach PostgreSQL")
            let mustLose = Flag()
            Thread.detachNewThread { [self] in
                copy(from: client, to: server) { request in
                    guard request.contains(marker) else { return true }
                    if isArmed.exchange(false, ordering: .sequentiallyConsistent) {
                        mustLose.value.store(true, ordering: .sequentiallyConsistent)
                    }
                    return true
                }
            }
            Thread.detachNewThread { [self] in
                copy(from: server, to: client) { _ in
                    guard mustLose.value.load(ordering: .sequentiallyConsistent) else {
                        return true
                    }
                    lost.add(1, ordering: .sequentiallyConsistent)
                    return false
                }
                _ = Foundation.close(client)
                _ = Foundation.close(server)
            }
        }
    }

    /// Copies until either side ends or `mayPass` says no, then ends both.
    private func copy(
        from source: Int32, to sink: Int32, mayPass: (ArraySlice<UInt8>) -> Bool
    ) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0, mayPass(buffer[..<count]) else { break }
            guard write(sink, buffer, count) == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }
}

/// Shared by the two directions of one connection.
private final class Flag: Sendable {
    let value = Atomic(false)
}

private func withAddress(
    _ directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
        path.copyBytes(from: "\(directory)/.s.PGSQL.5432".utf8)
    }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

import Basics
import Crypto
import EventLoop
import Glibc
import Phoenix
import Synchronization
import WebSocket

/// One client that reads too slowly, or not at all, with a small receive buffer.
///
/// It has a thread and a blocking socket of its own: the fleet's sockets read 64 KiB at a time,
/// and the kernel would take megabytes before the server noticed anything.
final class SlowReader: Sendable {
    struct Outcome: Sendable {
        var bytesRead = 0
        /// For people: what happened to it; nil while it is still connected.
        var end: String?
    }

    /// The smallest the kernel gives; it doubles it for its own use (socket(7)).
    private static let receiveBufferBytes: Int32 = 4_096
    private static let tick: Duration = .milliseconds(100)
    private static let heartbeatTicks = 250

    private let outcomeNow = Mutex(Outcome())
    private let isLeaving = Atomic(false)
    private let bytesPerSecond: Int

    init(bytesPerSecond: Int) {
        self.bytesPerSecond = bytesPerSecond
    }

    var outcome: Outcome { outcomeNow.withLock { $0 } }

    /// Connects, joins `topic`, and reads on at its pace until ``leave()``.
    func start(address: ServerAddress, path: String, topic: String, payload: [UInt8]) {
        let encoder = ClientEncoder(version: .v2)
        let handshake = ClientHandshake(
            host: address.text, target: path, nonce: SecureRandom.bytes(16))
        var join: [UInt8] = []
        encoder.join(topic, payload, ref: "1", into: &join)
        var heartbeat: [UInt8] = []
        encoder.heartbeat(ref: "heartbeat", into: &heartbeat)
        let first = handshake.request
        let frames = [join, heartbeat].map { text in
            var frame: [UInt8] = []
            FrameEncoder.append(.text, text, maskKey: 0x736C_6F77, to: &frame)
            return frame
        }
        _ = LoopThread.start(name: "slow reader") { [self] in
            let end = live(address, request: first, join: frames[0], heartbeat: frames[1])
            outcomeNow.withLock { $0.end = end }
        }
    }

    func leave() {
        isLeaving.store(true, ordering: .relaxed)
    }

    private func live(
        _ address: ServerAddress, request: [UInt8], join: [UInt8], heartbeat: [UInt8]
    ) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return "no descriptor" }
        defer { close(descriptor) }
        guard SlowReader.connect(descriptor, address) else { return "could not connect" }
        guard write(request, to: descriptor), awaitUpgrade(descriptor) else {
            return "the upgrade failed"
        }
        guard write(join, to: descriptor) else { return "the join could not be sent" }
        var ticks = 0
        while !isLeaving.load(ordering: .relaxed) {
            SlowReader.sleep(SlowReader.tick)
            ticks += 1
            if ticks % SlowReader.heartbeatTicks == 0, !write(heartbeat, to: descriptor) {
                return "ended by the server"
            }
            if bytesPerSecond > 0, !read(bytesPerSecond / 10, from: descriptor) {
                return "ended by the server"
            }
        }
        return nil
    }

    private static func connect(_ descriptor: Int32, _ address: ServerAddress) -> Bool {
        var size = receiveBufferBytes
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        let host = address.host == "localhost" ? "127.0.0.1" : address.host
        guard inet_pton(AF_INET, host, &name.sin_addr) == 1 else { return false }
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Up to the empty line that ends the answer, byte by byte: it comes once.
    private func awaitUpgrade(_ descriptor: Int32) -> Bool {
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while answer.count < 4_096, recv(descriptor, &byte, 1, 0) == 1 {
            answer.append(byte)
            if answer.suffix(4) == Array("\r\n\r\n".utf8) {
                return answer.starts(with: Array("HTTP/1.1 101".utf8))
            }
        }
        return false
    }

    /// Takes at most `count` bytes, without waiting for them; false when the connection is over.
    private func read(_ count: Int, from descriptor: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: max(1, count))
        let got = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if got > 0 { outcomeNow.withLock { $0.bytesRead += got } }
        return got > 0 || (got < 0 && errno == EAGAIN)
    }

    private static func sleep(_ duration: Duration) {
        var time = timespec(tv_sec: 0, tv_nsec: Int(duration.inNanoseconds))
        nanosleep(&time, nil)
    }
}

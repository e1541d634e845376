import Glibc

/// A lock of the kernel's on a file (`flock(2)`), gone with the process however it ends.
///
/// The descriptor is closed when a program is started, so a postmaster left behind does not hold
/// the lock of a server that was killed.
struct FileLock: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Opens the file, making it if need be, and belongs to nobody yet.
    init(_ path: String, owner: ClusterOwner) throws(PrivateClusterError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .refused(path: path, reason: String(cString: strerror(errno)))
        }
        // Root makes it for whoever may run the server by that user later.
        if geteuid() == 0 { _ = fchown(descriptor, owner.uid, owner.gid) }
    }

    deinit {
        close(descriptor)
    }

    /// Waits until nobody holds it exclusively.
    func share() throws(PrivateClusterError) {
        try take(LOCK_SH)
    }

    /// Waits until nobody holds it; `whenBusy` is called once before waiting.
    func own(whenBusy: () -> Void) throws(PrivateClusterError) {
        guard try !ownIfFree() else { return }
        whenBusy()
        try take(LOCK_EX)
    }

    /// Whether nobody else holds it; then it is ours. On false, a share of ours may be lost.
    func ownIfFree() throws(PrivateClusterError) -> Bool {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return true }
        guard errno == EWOULDBLOCK else { throw refusal }
        return false
    }

    func release() {
        flock(descriptor, LOCK_UN)
    }

    private func take(_ operation: Int32) throws(PrivateClusterError) {
        while flock(descriptor, operation) != 0 {
            guard errno == EINTR else { throw refusal }
        }
    }

    private var refusal: PrivateClusterError {
        .refused(path: path, reason: "lock: \(String(cString: strerror(errno)))")
    }
}

import Glibc

/// Small files and directories, read and written whole.
///
/// Every call blocks: for start, stop and operator's commands, never for a running loop.
package enum File {
    /// What the system refused, where. Says nothing of the contents.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The error number, positive as in `errno`.
        package let code: Int32
        package let operation: String

        package init(code: Int32, operation: String) {
            self.code = code
            self.operation = operation
        }

        package var description: String {
            "\(operation): \(String(cString: strerror(code)))"
        }
    }

    /// A file as it was read, with the mode it had.
    package struct Contents: Sendable {
        package let bytes: [UInt8]

        /// Permission bits only, such as 0o600.
        package let mode: UInt32
    }

    /// Whether anything is there that we may see; it may be gone a moment later.
    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Reads a plain file of at most `limit` bytes; a longer one fails with EFBIG.
    ///
    /// The mode belongs to the very file that was read: it is asked of the open descriptor.
    package static func read(_ path: String, atMost limit: Int) throws(Failure) -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw last("open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw last("stat") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(code: EINVAL, operation: "not a plain file")
        }
        // Sizes under /proc are 0, so the end is found by reading, not by asking.
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw last("read") }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Failure(code: EFBIG, operation: "read") }
        }
        return Contents(bytes: bytes, mode: UInt32(status.st_mode) & 0o7777)
    }

    /// Creates a file that is never seen half written, and leaves one that exists as it is.
    ///
    /// Whoever loses a race finds the winner's file; that counts as success.
    package static func create(
        _ path: String, _ bytes: [UInt8], mode: UInt32
    ) throws(Failure) {
        let draft = "\(path).\(getpid())"
        try write(draft, bytes, mode: mode)
        defer { unlink(draft) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw last("link") }
    }

    /// Replaces a file at once: readers see the old one or the new one, whole.
    package static func replace(
        _ path: String, _ bytes: [UInt8], mode: UInt32
    ) throws(Failure) {
        let draft = "\(path).\(getpid())"
        try write(draft, bytes, mode: mode)
        guard rename(draft, path) == 0 else {
            let failure = last("rename")
            unlink(draft)
            throw failure
        }
    }

    /// Makes a directory and its missing parents. One that exists is left as it is.
    package static func makeDirectory(_ path: String, mode: UInt32) throws(Failure) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw Failure(code: ENOTDIR, operation: "make directory")
            }
            return
        }
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        if let slash = trimmed.lastIndex(of: "/"), slash != trimmed.startIndex {
            try makeDirectory(String(trimmed[..<slash]), mode: mode | 0o111)
        }
        guard mkdir(trimmed, mode) == 0 || errno == EEXIST else {
            throw last("make directory \(trimmed)")
        }
    }

    /// The absolute path without links; everything on it must exist.
    package static func resolve(_ path: String) throws(Failure) -> String {
        guard let resolved = realpath(path, nil) else { throw last("resolve") }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func write(
        _ path: String, _ bytes: [UInt8], mode: UInt32
    ) throws(Failure) {
        // The same name is ours alone (it ends in our process id): what is there was left over.
        unlink(path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw last("create") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw last("write") }
            rest = rest.dropFirst(count)
        }
        guard fsync(descriptor) == 0 else { throw last("sync") }
    }

    private static func last(_ operation: String) -> Failure {
        Failure(code: errno, operation: operation)
    }
}

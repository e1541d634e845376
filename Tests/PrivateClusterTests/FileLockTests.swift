import Glibc
import Testing

@testable import PrivateCluster

@Suite("File lock")
struct FileLockTests {
    private func lock(_ directory: String) throws -> FileLock {
        try FileLock(directory + "/lock", owner: try ClusterOwner.current())
    }

    @Test func `many may share, one alone may own`() throws {
        try withDirectory { directory in
            let one = try lock(directory)
            let two = try lock(directory)
            try one.share()
            try two.share()
            let owned = try one.ownIfFree()
            #expect(!owned)
            try one.share()
            two.release()
            let ownedNow = try one.ownIfFree()
            #expect(ownedNow)
        }
    }

    @Test func `a lock that is dropped is free`() throws {
        try withDirectory { directory in
            do {
                let dropped = try lock(directory)
                try dropped.own(whenBusy: {})
            }
            let next = try lock(directory)
            let owned = try next.ownIfFree()
            #expect(owned)
        }
    }

    @Test func `a program that was started does not keep it`() throws {
        try withDirectory { directory in
            let holder = try lock(directory)
            try holder.own(whenBusy: {})
            let shell = ["-c", "ls -l /proc/self/fd"]
            let listed = try Program("/bin/sh", shell).run()
            #expect(listed.succeeded)
            #expect(!listed.output.contains(directory))
        }
    }

    @Test func `a link in its place is refused`() throws {
        try withDirectory { directory in
            symlink("/etc/passwd", directory + "/lock")
            let owner = try ClusterOwner.current()
            let found: Bool
            do {
                _ = try FileLock(directory + "/lock", owner: owner)
                found = false
            } catch {
                found = true
            }
            #expect(found)
        }
    }
}

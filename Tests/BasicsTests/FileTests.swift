import Glibc
import Testing

@testable import Basics

@Suite("File")
struct FileTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/rollcall-test-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer in
            String(cString: mkdtemp(buffer.baseAddress!))
        }
        defer {
            for name in ["file", "link", "a/b", "a", ""] { remove("\(path)/\(name)") }
        }
        try body(path)
    }

    private func code(_ body: () throws(File.Failure) -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `a created file is read back with its mode`() throws {
        try withDirectory { directory in
            let path = directory + "/file"
            try File.create(path, [1, 2, 3], mode: 0o600)
            let contents = try File.read(path, atMost: 3)
            #expect(contents.bytes == [1, 2, 3])
            #expect(contents.mode == 0o600)
        }
    }

    @Test func `creating leaves a file that exists, replacing does not`() throws {
        try withDirectory { directory in
            let path = directory + "/file"
            try File.create(path, [1], mode: 0o600)
            try File.create(path, [2], mode: 0o600)
            let kept = try File.read(path, atMost: 10)
            try File.replace(path, [3], mode: 0o600)
            let replaced = try File.read(path, atMost: 10)
            #expect(kept.bytes == [1])
            #expect(replaced.bytes == [3])
        }
    }

    @Test func `a file over the limit is refused, at the limit is read`() throws {
        try withDirectory { directory in
            let path = directory + "/file"
            try File.create(path, Array(repeating: 7, count: 5_000), mode: 0o600)
            let atLimit = code { () throws(File.Failure) in _ = try File.read(path, atMost: 5_000) }
            let beyond = code { () throws(File.Failure) in _ = try File.read(path, atMost: 4_999) }
            #expect(atLimit == nil)
            #expect(beyond == EFBIG)
        }
    }

    @Test func `a missing file, a directory and a pipe are no plain files`() throws {
        try withDirectory { directory in
            let pipe = directory + "/file"
            mkfifo(pipe, 0o600)
            for (path, expected) in [
                (directory + "/none", ENOENT), (directory, EINVAL), (pipe, EINVAL),
            ] {
                let found = code { () throws(File.Failure) in _ = try File.read(path, atMost: 9) }
                #expect(found == expected)
            }
        }
    }

    @Test func `a directory is made with its parents and left when it exists`() throws {
        try withDirectory { directory in
            try File.makeDirectory(directory + "/a/b/", mode: 0o700)
            try File.makeDirectory(directory + "/a/b", mode: 0o700)
            let resolved = try File.resolve(directory + "/a/../a/b")
            #expect(resolved == directory + "/a/b")
            try File.create(directory + "/file", [], mode: 0o600)
            let path = directory + "/file"
            let found = code { () throws(File.Failure) in try File.makeDirectory(path, mode: 0o700)
            }
            #expect(found == ENOTDIR)
        }
    }
}

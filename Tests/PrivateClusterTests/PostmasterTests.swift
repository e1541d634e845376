import Basics
import Glibc
import Testing

@testable import PrivateCluster

@Suite("postmaster.pid")
struct PostmasterTests {
    private func file(status: String, process: String = "4711") -> String {
        "\(process)\n/data\n1700000000\n5433\n/run/here\n\n  12345 678\n\(status)\n"
    }

    @Test(arguments: [
        ("ready   ", Postmaster.Phase.ready), ("starting", .starting), ("stopping", .stopping),
        ("standby ", .starting), ("", .starting),
    ])
    func `the last line is the phase`(status: String, phase: Postmaster.Phase) {
        let postmaster = Postmaster(parsing: file(status: status))
        #expect(postmaster?.process == 4711)
        #expect(postmaster?.port == 5433)
        #expect(postmaster?.socketDirectory == "/run/here")
        #expect(postmaster?.phase == phase)
    }

    @Test func `a file cut at any byte gives no crash and never more than it says`() {
        let whole = file(status: "ready   ")
        for count in 0..<whole.utf8.count {
            let cut = Postmaster(parsing: String(decoding: whole.utf8.prefix(count), as: UTF8.self))
            if let cut { #expect("4711".hasPrefix(String(cut.process))) }
        }
    }

    @Test(arguments: ["", "\n", "x", "-4711", "0", "1", "99999999999999999999"])
    func `a first line that is no process is no postmaster`(line: String) {
        let postmaster = Postmaster(parsing: file(status: "ready", process: line))
        #expect(postmaster == nil)
    }

    @Test func `a living process that works elsewhere is a stranger, and its file goes`() throws {
        try withDirectory { directory in
            let path = directory + "/postmaster.pid"
            let text = file(status: "ready   ", process: String(getpid()))
            try File.create(path, Array(text.utf8), mode: 0o600)
            let found = try Postmaster.running(on: directory)
            #expect(found == nil)
            try Postmaster.removeMisleadingFile(in: directory)
            #expect(!File.exists(path))
        }
    }

    @Test func `a dead process's file is PostgreSQL's to judge`() throws {
        try withDirectory { directory in
            let path = directory + "/postmaster.pid"
            // Above the kernel's largest process id (2^22), so nobody has it.
            let text = file(status: "ready   ", process: "2147483646")
            try File.create(path, Array(text.utf8), mode: 0o600)
            let found = try Postmaster.running(on: directory)
            try Postmaster.removeMisleadingFile(in: directory)
            #expect(found == nil)
            #expect(File.exists(path))
        }
    }
}

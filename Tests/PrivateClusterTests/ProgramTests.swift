import Glibc
import Testing

@testable import PrivateCluster

@Suite("Running a program")
struct ProgramTests {
    @Test func `words are passed as they are and both streams come back`() throws {
        let script = ["-c", "echo \"$1\"; echo two >&2; exit 3", "sh", "a b $(id) '\""]
        let outcome = try Program("/bin/sh", script).run()
        #expect(!outcome.succeeded)
        #expect(outcome.output == "a b $(id) '\"\ntwo\n")
        #expect(outcome.lastLine == "two")
    }

    @Test func `the caller's environment and directory stay behind`() throws {
        setenv("PGHOST", "elsewhere", 1)
        defer { unsetenv("PGHOST") }
        let outcome = try Program("/bin/sh", ["-c", "pwd; echo \"[$PGHOST]\""]).run()
        #expect(outcome.output == "/\n[]\n")
    }

    @Test func `of a long report the end is kept`() throws {
        let script = ["-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo the end"]
        let outcome = try Program("/bin/sh", script).run()
        #expect(outcome.output.utf8.count == Program.longestOutput)
        #expect(outcome.lastLine == "the end")
    }

    @Test func `a program that is not there fails with its name`() {
        let found = refusal { () throws(PrivateClusterError) in
            try Program("/nonexistent/program", []).run()
        }
        #expect(found?.description.hasPrefix("/nonexistent/program: ") == true)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
    func `root runs it as the owner, with no way back`() throws {
        let owner = try ClusterOwner.current()
        let outcome = try Program("/bin/sh", ["-c", "id -u; id -ru; id -g"]).run(as: owner)
        #expect(outcome.output == "\(owner.uid)\n\(owner.uid)\n\(owner.gid)\n")
    }
}

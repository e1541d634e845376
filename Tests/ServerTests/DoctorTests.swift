import Basics
import Glibc
import Testing

@testable import rollcall

@Suite("Doctor")
struct DoctorTests {
    private func configuration(_ words: [String]) throws -> ServeConfiguration {
        try ServeConfiguration(try settings(words), asRoot: false)
    }

    @Test func `on a machine where nothing was started it finds nothing to mend`() throws {
        try withDirectory { directory in
            let path = directory + "/data"
            let transcript = Transcript.of("doctor", "--data-dir", path, "--listen", "127.0.0.1:0")
            #expect(transcript.complaints.isEmpty)
            #expect(transcript.out.contains("✓ private cluster: not there yet"))
            #expect(transcript.out.contains("✓ JWT secret: none yet"))
            #expect(!File.exists(path), "looking changes nothing")
        }
    }

    @Test func `a wrong setting is the one thing to mend`() {
        let transcript = Transcript.of("doctor", "--loops", "0")
        #expect(transcript.code == .failure)
        #expect(transcript.out.hasPrefix("! --loops: found \"0\", expected a number"))
    }

    @Test func `a database that is not there is named`() {
        let transcript = Transcript.of(
            "doctor", "--listen", "127.0.0.1:0", "--database", "host=/nonexistent user=a")
        #expect(transcript.code == .failure)
        #expect(transcript.out.contains("! database: "))
        #expect(transcript.out.contains("/nonexistent"))
    }

    @Test(arguments: [(16_383, false), (16_384, true), (UInt64.max, true)] as [(UInt64, Bool)])
    func `fewer open files than a lecture hall needs are to be raised`(hard: UInt64, isWell: Bool) {
        let finding = LimitsCheckup.finding(hard: hard)
        #expect(finding.isWell == isWell)
    }

    @Test func `files are looked at one by one`() throws {
        try withDirectory { directory in
            chmod(directory, 0o777)
            let secret = directory + "/secret"
            try File.create(secret, Array(repeating: 0x61, count: 32), mode: 0o600)
            chmod(secret, 0o644)
            let keys = directory + "/keys.json"
            try File.create(keys, Array(#"{"keys": []}"#.utf8), mode: 0o600)
            let words = ["--data-dir", directory, "--jwt-secret-file", secret, "--jwks", keys]
            let findings = FilesCheckup(configuration: try configuration(words)).findings()
            #expect(findings.map(\.isWell) == [false, false, false])
            #expect(findings[0].text.contains("mode 0777 lets others write"))
            #expect(findings[1].text.contains("found mode 0644, expected 0600"))
            #expect(findings[2].text.contains("found no key that can be used"))

            chmod(directory, 0o700)
            chmod(secret, 0o600)
            let mended = FilesCheckup(configuration: try configuration(words)).findings()
            #expect(mended.map(\.isWell) == [true, true, false])
        }
    }

    @Test func `everything that durability rests on is looked at`() {
        func facts(
            version: Int32 = 150_020, fsync: String = "on", commit: String = "on",
            pages: String = "on", connections: Int32 = 50, encoding: String = "UTF8"
        ) -> Int {
            DatabaseFacts(
                version: version, fsync: fsync, synchronousCommit: commit, fullPageWrites: pages,
                maxConnections: connections, encoding: encoding
            ).findings.count { !$0.isWell }
        }
        #expect(facts() == 0)
        #expect(facts(version: 150_000, commit: "remote_apply") == 0)
        #expect(facts(version: 149_999) == 1)
        #expect(facts(fsync: "off") == 1)
        #expect(facts(commit: "off") == 1)
        #expect(facts(commit: "local") == 1)
        #expect(facts(pages: "off") == 1)
        #expect(facts(connections: 49) == 1)
        #expect(facts(encoding: "SQL_ASCII") == 1)
    }
}

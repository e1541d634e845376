import Basics
import Glibc
import Testing

@testable import PrivateCluster

@Suite("PostgreSQL's programs")
struct BinariesTests {
    private func install(_ version: String, in directory: String) throws {
        try File.makeDirectory(directory, mode: 0o755)
        for name in ["initdb", "pg_ctl", "postgres"] {
            let script = "#!/bin/sh\necho 'postgres (PostgreSQL) \(version) (Debian)'\n"
            try File.create("\(directory)/\(name)", Array(script.utf8), mode: 0o755)
        }
    }

    @Test func `the newest of Debian's is taken, or the one asked for`() throws {
        try withDirectory { root in
            for major in [14, 15, 17] { try install("\(major).1", in: "\(root)/\(major)/bin") }
            let newest = try Binaries.find(major: nil, debian: root, search: "")
            let asked = try Binaries.find(major: 15, debian: root, search: "")
            #expect(newest == Binaries(directory: root + "/17/bin", major: 17))
            #expect(asked.major == 15)
        }
    }

    @Test func `PATH is searched by the version the program tells`() throws {
        try withDirectory { root in
            try install("14.9", in: root + "/old")
            try install("16beta1", in: root + "/new")
            let search = "/nonexistent:\(root)/old:\(root)/new"
            let found = try Binaries.find(major: nil, debian: root, search: search)
            #expect(found == Binaries(directory: root + "/new", major: 16))
        }
    }

    @Test func `none at all, or one too old, names the package to install`() throws {
        try withDirectory { root in
            try install("14.9", in: root + "/14/bin")
            let none = refusal { () throws(PrivateClusterError) in
                try Binaries.find(major: nil, debian: root, search: root + "/14/bin")
            }
            let other = refusal { () throws(PrivateClusterError) in
                try Binaries.find(major: 16, debian: root, search: "")
            }
            #expect(none == .binariesMissing(major: nil))
            #expect(none?.description.contains("apt-get install postgresql,") == true)
            #expect(other?.description.contains("apt-get install postgresql-16") == true)
        }
    }
}

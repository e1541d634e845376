import Basics
import Glibc
import Testing

@testable import PrivateCluster

@Suite("Directories of the cluster")
struct ClusterStepsTests {
    @Test func `data without a version is not ours`() throws {
        try withDirectory { directory in
            let steps = try ClusterSteps(dataDirectory: directory)
            try steps.prepareDirectories()
            try steps.makeOwned(steps.layout.data)
            let found = refusal { () throws(PrivateClusterError) in
                try steps.ensureRunning(progress: { _ in })
            }
            #expect(
                found
                    == .notOurs(directory: steps.layout.data, found: "it has no PG_VERSION"))
        }
    }

    @Test func `a cluster of a version that is not installed names its package`() throws {
        try withDirectory { directory in
            let steps = try ClusterSteps(dataDirectory: directory)
            try steps.prepareDirectories()
            try steps.makeOwned(steps.layout.data)
            try File.create(steps.layout.data + "/PG_VERSION", Array("98\n".utf8), mode: 0o600)
            let found = refusal { () throws(PrivateClusterError) in
                try steps.ensureRunning(progress: { _ in })
            }
            #expect(found == .binariesMissing(major: 98))
        }
    }

    @Test func `a file or a link where a directory should be is refused`() throws {
        try withDirectory { directory in
            symlink("/tmp", directory + "/postgres")
            let steps = try ClusterSteps(dataDirectory: directory)
            let found = refusal { () throws(PrivateClusterError) in try steps.prepareDirectories() }
            #expect(
                found
                    == .notOurs(directory: directory + "/postgres", found: "it is no directory"))
        }
    }

    @Test func `a directory that others could enter is closed to them`() throws {
        try withDirectory { directory in
            let steps = try ClusterSteps(dataDirectory: directory)
            try steps.prepareDirectories()
            chmod(steps.layout.root, 0o777)
            try steps.prepareDirectories()
            var status = stat()
            stat(steps.layout.root, &status)
            #expect(status.st_mode & 0o777 == 0o700)
        }
    }

    @Test(arguments: ["a\"b", "a$b", "a`b", "a\\b", "a\nb"])
    func `a path that a shell would read differently is refused`(name: String) {
        let found = refusal { () throws(PrivateClusterError) in
            try ClusterSteps(dataDirectory: "/tmp/\(name)")
        }
        #expect(found == .unusablePath("/tmp/\(name)/postgres"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root runs PostgreSQL as somebody else"))
    func `a closed directory above is named`() throws {
        try withDirectory { directory in
            chmod(directory, 0o700)
            let steps = try ClusterSteps(dataDirectory: directory)
            let found = refusal { () throws(PrivateClusterError) in try steps.prepareDirectories() }
            #expect(
                found
                    == .unreachable(
                        directory: directory + "/postgres", closed: directory, user: "postgres"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func `a socket directory that somebody else made is refused`() throws {
        try withDirectory { directory in
            let steps = try ClusterSteps(dataDirectory: directory)
            let strange = directory + "/strange"
            mkdir(strange, 0o700)
            lchown(strange, 65_534, 65_534)
            let found = refusal { () throws(PrivateClusterError) in try steps.makeOwned(strange) }
            #expect(
                found
                    == .notOurs(
                        directory: strange,
                        found: "it belongs to user 65534, expected \(steps.owner.uid)"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a directory away"))
    func `a directory that another of us has not handed over yet is handed over`() throws {
        try withDirectory { directory in
            let steps = try ClusterSteps(dataDirectory: directory)
            let young = directory + "/young"
            mkdir(young, 0o700)
            try steps.makeOwned(young)
            var status = stat()
            lstat(young, &status)
            #expect(status.st_uid == steps.owner.uid)
        }
    }
}

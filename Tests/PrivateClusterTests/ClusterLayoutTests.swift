import Testing

@testable import PrivateCluster

@Suite("Cluster layout")
struct ClusterLayoutTests {
    private let owner = ClusterOwner(name: "x", uid: 7, gid: 7)

    private func socketDirectory(forDataDirectoryOf count: Int) -> String {
        let path = "/" + String(repeating: "d", count: count - 1)
        return ClusterLayout(dataDirectory: path).socketDirectory(for: owner)
    }

    @Test func `the socket lies inside while its path has at most 107 bytes`() {
        // "/postgres/run/.s.PGSQL.5432" has 27 bytes.
        let fits = socketDirectory(forDataDirectoryOf: 107 - 27)
        let tooLong = socketDirectory(forDataDirectoryOf: 107 - 26)
        #expect(fits.hasSuffix("/postgres/run"))
        #expect("\(fits)/.s.PGSQL.5432".utf8.count == 107)
        #expect(tooLong.hasPrefix("/tmp/rollcall-7-"))
    }

    @Test func `every process finds the same socket, other clusters another one`() {
        let here = socketDirectory(forDataDirectoryOf: 200)
        let again = socketDirectory(forDataDirectoryOf: 200)
        let other = socketDirectory(forDataDirectoryOf: 201)
        #expect(here == again)
        #expect(here != other)
        #expect("\(here)/.s.PGSQL.5432".utf8.count <= 107)
    }
}

/// Where the parts of a private cluster lie.
///
///     <data directory>/postgres/        0700, the owner's
///         data/                         PostgreSQL's own
///         run/                          the socket, where the path is short enough
///         log                           what PostgreSQL says
///         starting.lock  using.lock     see ``PrivateCluster``
struct ClusterLayout: Hashable, Sendable {
    /// Absolute, without links.
    let root: String

    /// What a socket's address holds, without its ending zero (`sun_path`, unix(7)).
    static let longestSocketPath = 107

    static let port = 5432

    init(dataDirectory: String) {
        root = dataDirectory + "/postgres"
    }

    var data: String { root + "/data" }

    /// What a data directory is called before it is whole, with a process id behind it.
    var draftPrefix: String { root + "/data.partial." }

    var log: String { root + "/log" }
    var startingLock: String { root + "/starting.lock" }
    var usingLock: String { root + "/using.lock" }

    /// Inside ``root`` when the socket's path fits there, else a directory under /tmp whose name
    /// follows from the root, so that every process sharing the cluster finds the same one.
    func socketDirectory(for owner: ClusterOwner) -> String {
        let inside = root + "/run"
        let longest = "\(inside)/.s.PGSQL.\(ClusterLayout.port)".utf8.count
        guard longest > ClusterLayout.longestSocketPath else { return inside }
        return "/tmp/rollcall-\(owner.uid)-\(String(fingerprint, radix: 36))"
    }

    /// FNV-1a of the root (Fowler, Noll, Vo), 64 bits. Not a secret: the directory is checked to
    /// be the owner's before it is used.
    private var fingerprint: UInt64 {
        root.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
    }
}

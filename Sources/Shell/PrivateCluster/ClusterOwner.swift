import Glibc

/// The user that PostgreSQL runs as, to whom its directory belongs.
struct ClusterOwner: Hashable, Sendable {
    let name: String
    let uid: uid_t
    let gid: gid_t

    /// The user of Debian's package, who is there whenever PostgreSQL is.
    static let packaged = "postgres"

    /// Ourselves; for root the packaged user, because PostgreSQL refuses to run as root.
    static func current() throws(PrivateClusterError) -> ClusterOwner {
        let uid = geteuid()
        guard uid == 0 else {
            return ClusterOwner(name: "with id \(uid)", uid: uid, gid: getegid())
        }
        guard let entry = getpwnam(packaged) else { throw .ownerMissing(user: packaged) }
        return ClusterOwner(name: packaged, uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
    }

    /// The first directory above `path` that this user may not pass through; nil when none.
    ///
    /// `path` is absolute and free of links. Only mode bits and the main group are looked at:
    /// an access list that lets the user in anyway is not seen.
    func closedAncestor(of path: String) -> String? {
        var ancestor = ""
        for part in path.split(separator: "/").dropLast() {
            ancestor += "/\(part)"
            var status = stat()
            guard stat(ancestor, &status) == 0, maySearch(status) else { return ancestor }
        }
        return nil
    }

    private func maySearch(_ status: stat) -> Bool {
        let bit: mode_t =
            status.st_uid == uid ? S_IXUSR : status.st_gid == gid ? S_IXGRP : S_IXOTH
        return status.st_mode & bit != 0
    }
}

import Basics
import Glibc

/// The directory that holds what Rollcall keeps on disk itself: the generated secret and the
/// private cluster.
enum DataDirectory {
    static let ordinaryDefault = ".rollcall"

    /// Not in root's home, which is closed to the user the private cluster runs as.
    static let rootDefault = "/var/lib/rollcall"

    /// Makes `path` and its missing parents, and returns it resolved: absolute, without links.
    ///
    /// Root's is 0711, so that the cluster's user can pass through to its own part without
    /// listing ours; anybody else's is 0700.
    static func prepare(_ path: String, asRoot isRoot: Bool) throws(Failure) -> String {
        do {
            try File.makeDirectory(path, mode: isRoot ? 0o711 : 0o700)
            return try File.resolve(path)
        } catch {
            throw .cannotCreate("data directory \(path.quoted): \(error)")
        }
    }
}

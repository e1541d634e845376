import Basics
import Glibc

/// A PostgreSQL cluster of our own, shared by all servers on one data directory.
///
/// The first to come starts it, the last to leave stops it, and one still running after a crash
/// is taken over. Two locks keep that true. *using* is shared by everybody who uses the cluster:
/// who can own it alone is the last. *starting* is owned while somebody comes or leaves, so that
/// nobody stops what another is just finding alive. The kernel drops both when a process is
/// killed, and the postmaster has a session of its own, so neither `kill -9` of a server nor
/// Ctrl-C in its terminal ends it.
///
/// Every call blocks, the first for the seconds that `initdb` takes: before the loops start and
/// after they stop. Not for use from several threads.
package final class PrivateCluster {
    /// For libpq. Holds while this object lives and ``leave(progress:)`` was not called.
    package let connectionString: String

    private let steps: ClusterSteps
    private let starting: FileLock
    private let using: FileLock
    private var hasLeft = false

    /// Makes, starts or takes over the cluster under `dataDirectory`, which exists and is
    /// absolute and without links.
    ///
    /// `progress` is told each step before it begins, in a line for people.
    package init(
        in dataDirectory: String, progress: (String) -> Void
    ) throws(PrivateClusterError) {
        let steps = try ClusterSteps(dataDirectory: dataDirectory)
        try steps.prepareDirectories()
        let starting = try FileLock(steps.layout.startingLock, owner: steps.owner)
        let using = try FileLock(steps.layout.usingLock, owner: steps.owner)
        try starting.own {
            progress("waiting for another rollcall that is starting or stopping the cluster …")
        }
        try using.share()
        let postmaster = try steps.ensureRunning(progress: progress)
        starting.release()
        connectionString = ClusterSettings.connectionString(
            socketDirectory: postmaster.socketDirectory, port: postmaster.port)
        self.steps = steps
        self.starting = starting
        self.using = using
    }

    /// Stops the cluster if nobody else uses it: what is committed stays, open connections end.
    ///
    /// May be repeated. An object that is dropped without it leaves the cluster running.
    package func leave(progress: (String) -> Void) throws(PrivateClusterError) {
        guard !hasLeft else { return }
        hasLeft = true
        try starting.own {
            progress("waiting for another rollcall that is starting or stopping the cluster …")
        }
        defer {
            using.release()
            starting.release()
        }
        guard try using.ownIfFree() else { return }
        try steps.stop(progress: progress)
    }
}

extension PrivateCluster {
    /// What is there, without making, starting or joining anything.
    package enum Presence: Hashable, Sendable {
        /// Nothing yet: the first server makes it.
        case absent

        /// Made and not running: the next server starts it.
        case stopped

        /// Running, for as long as somebody uses it.
        case running(connectionString: String)
    }

    /// `dataDirectory` is absolute and without links, and need not exist.
    package static func presence(
        in dataDirectory: String
    ) throws(PrivateClusterError) -> Presence {
        let layout = ClusterLayout(dataDirectory: dataDirectory)
        guard File.exists(layout.data) else { return .absent }
        guard let postmaster = try Postmaster.running(on: layout.data) else { return .stopped }
        return .running(
            connectionString: ClusterSettings.connectionString(
                socketDirectory: postmaster.socketDirectory, port: postmaster.port))
    }

    /// The major version that a new cluster would be made with.
    package static func installedMajor() throws(PrivateClusterError) -> Int {
        try Binaries.find(major: nil).major
    }
}

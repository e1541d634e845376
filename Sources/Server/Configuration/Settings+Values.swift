import Basics
import Glibc

extension Settings {
    func listen() throws(Failure) -> ListenAddress {
        guard let found = value(of: .listen) else { return .standard }
        guard let address = ListenAddress(found.text) else {
            throw found.wrong(
                expected: "a numeric address and a port such as 127.0.0.1:4000 or [::1]:4000")
        }
        return address
    }

    /// The value is never shown when it is wrong: it may hold a password.
    func database() throws(Failure) -> DatabaseSource {
        guard let found = value(of: .database), !found.text.isEmpty else { return .privateCluster }
        let isURL = ["postgres://", "postgresql://"].contains { found.text.hasPrefix($0) }
        guard isURL || found.text.contains("=") else {
            throw found.wrong(
                expected: "postgres://user@host/database or key=value pairs",
                shown: "neither a URL nor pairs")
        }
        return .external(found.text)
    }

    func dataDirectory(asRoot isRoot: Bool) throws(Failure) -> String {
        guard let found = value(of: .dataDirectory) else {
            return isRoot ? DataDirectory.rootDefault : DataDirectory.ordinaryDefault
        }
        guard !found.text.isEmpty else { throw found.wrong(expected: "a directory") }
        return found.text
    }

    func secretSource(in dataDirectory: String) throws(Failure) -> JWTSecret.Source {
        if let found = value(of: .secretFile) {
            return .file(try readableFile(found))
        }
        if let found = value(of: .secret) {
            guard found.text.utf8.count >= JWTSecret.shortestBytes else {
                throw found.wrong(
                    expected: "at least \(JWTSecret.shortestBytes)",
                    shown: "\(found.text.utf8.count) bytes")
            }
            return .given(Array(found.text.utf8))
        }
        return .generated(path: dataDirectory + "/jwt-secret")
    }

    func loops() throws(Failure) -> Int {
        guard let found = value(of: .loops) else {
            return min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), ServeConfiguration.mostLoops)
        }
        guard let count = Int(found.text), 1...ServeConfiguration.mostLoops ~= count else {
            throw found.wrong(expected: "a number from 1 to \(ServeConfiguration.mostLoops)")
        }
        return count
    }

    func log() throws(Failure) -> LogSetting {
        guard let found = value(of: .log) else { return .standard }
        guard let setting = LogSetting(found.text) else {
            let levels = Log.Level.allCases.map(\.name).listed
            throw found.wrong(expected: "\(levels), with ,json behind it for JSON lines")
        }
        return setting
    }

    /// A file that is there and may be read; nil when the setting is absent.
    func file(_ setting: Setting) throws(Failure) -> String? {
        guard let found = value(of: setting) else { return nil }
        return try readableFile(found)
    }

    private func readableFile(_ found: Found) throws(Failure) -> String {
        var status = stat()
        guard stat(found.text, &status) == 0, access(found.text, R_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            throw found.wrong(
                expected: "a file to read", shown: "\(found.text.quoted) (\(reason))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw found.wrong(
                expected: "a file to read", shown: "\(found.text.quoted) (not a plain file)")
        }
        return found.text
    }
}

import Basics
import Crypto
import Glibc

/// Looks at what the server reads from disk and would write there.
struct FilesCheckup {
    let configuration: ServeConfiguration

    func findings() -> [Finding] {
        [dataDirectory(), secret()] + [jwks(), rules()].compactMap { $0 }
    }

    private func dataDirectory() -> Finding {
        let path = configuration.dataDirectory
        var status = stat()
        guard stat(path, &status) == 0 else {
            return .well("data directory \(path): not there yet, is made at the first start")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return .mend("data directory \(path): is no directory", "choose another --data-dir")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            return .mend(
                "data directory \(path): cannot be written by user \(geteuid())",
                "chown it to the user who runs the server")
        }
        let mode = status.st_mode & 0o777
        guard mode & 0o022 == 0 else {
            return .mend(
                "data directory \(path): mode 0\(String(mode, radix: 8)) lets others write",
                "chmod go-w \(path)")
        }
        return .well("data directory \(path)")
    }

    private func secret() -> Finding {
        if case .generated(let path) = configuration.secret, !File.exists(path) {
            return .well("JWT secret: none yet, is generated at the first start")
        }
        do {
            let secret = try JWTSecret.load(configuration.secret)
            return .well("JWT secret: \(secret.count) bytes")
        } catch {
            return .mend(
                error.line, "make one: (umask 077; openssl rand -hex 32 > FILE) and name it")
        }
    }

    private func jwks() -> Finding? {
        guard let path = configuration.jwksFile else { return nil }
        do {
            let keys = try ServeConfiguration.keys(of: path)
            return .well("key set \(path): \(keys.count) keys, \(keys.skipped) for something else")
        } catch {
            return .mend(error.line, "name a JSON Web Key Set with --jwks")
        }
    }

    /// The configuration was refused if the file could not be read.
    private func rules() -> Finding? {
        configuration.rulesFile.map { .well("rules \($0): readable") }
    }
}

import Crypto
import Glibc
import JSON

/// Where connections get their tokens.
enum TokenSource: Sendable {
    /// One that was given, for all.
    case given(String)
    /// Signed for each person.
    case signed(TokenSigner)
    /// None is sent; only for servers that ask for none.
    case none

    /// How long signed tokens hold: longer than any run.
    private static let lifetimeSeconds: Int64 = 86_400

    init(_ options: Options) throws(UsageError) {
        if let token = options.text("--token") {
            self = .given(token)
            return
        }
        guard let secret = try TokenSource.secret(options) else {
            self = .none
            return
        }
        do {
            self = .signed(try TokenSigner(secret: secret))
        } catch {
            throw UsageError("the secret is refused: \(error)")
        }
    }

    /// The token of `person`, a `sub` such as `load-1`; nil when none is to be sent.
    func token(for person: String) -> String? {
        switch self {
        case .given(let token): token
        case .none: nil
        case .signed(let signer):
            signer.sign(
                JSONObject([
                    .init(name: "sub", value: .string(person)),
                    .init(
                        name: "exp",
                        value: .integer(Int64(time(nil)) + TokenSource.lifetimeSeconds)),
                ]))
        }
    }

    private static func secret(_ options: Options) throws(UsageError) -> [UInt8]? {
        if let path = options.text("--secret-file") {
            guard let text = ProcessProbe.text(of: path) else {
                throw UsageError("--secret-file: \(path) cannot be read")
            }
            return Array(text.drop(while: \.isWhitespace).trimmingEnd().utf8)
        }
        return getenv("ROLLCALL_JWT_SECRET").map { Array(String(cString: $0).utf8) }
    }
}

extension Substring {
    /// Without the line break an editor leaves at the end of a file.
    fileprivate func trimmingEnd() -> Substring {
        var rest = self
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}

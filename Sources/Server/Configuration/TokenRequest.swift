import JSON

/// What `rollcall token` was asked for, judged.
struct TokenRequest: Hashable, Sendable {
    /// Nil only for an anonymous token.
    let subject: String?
    let role: String
    let lifetime: Lifetime

    /// Empty for a person's token.
    let scopes: [String]

    /// The role of Supabase's signed-in users, which their clients and policies expect.
    static let defaultRole = "authenticated"

    /// The role of Supabase's public key, for whoever has not signed in.
    static let anonymousRole = "anon"

    /// The role of Supabase's secret key.
    static let serviceRole = "service_role"

    /// Scopes are what a backend may do over HTTP: send to `realtime:` topics, read the metrics.
    static let knownScopes = ["broadcast", "metrics"]

    /// As long as an identifier in the database may be.
    static let longestNameBytes = 255

    init(_ settings: Settings) throws(Failure) {
        let isAnonymous = try settings.isOn(.anonymous)
        subject = try TokenRequest.name(.subject, in: settings)
        scopes = try TokenRequest.scopes(in: settings)
        lifetime = try TokenRequest.lifetime(in: settings)
        guard isAnonymous != (subject != nil) else {
            throw .usage(
                isAnonymous
                    ? "--anonymous: found --sub too, expected one of them"
                    : "token: expected --sub ID, or --anonymous")
        }
        guard !isAnonymous || scopes.isEmpty else {
            throw .usage("--service: found --anonymous too, expected --sub ID")
        }
        let usual =
            isAnonymous
            ? TokenRequest.anonymousRole
            : scopes.isEmpty ? TokenRequest.defaultRole : TokenRequest.serviceRole
        role = try TokenRequest.name(.role, in: settings) ?? usual
    }

    /// The claims, with `seconds` since 1970 as the time of issue.
    func claims(at seconds: Int64) -> JSONObject {
        var members: [JSONObject.Member] = []
        if let subject { members.append(.init(name: "sub", value: .string(subject))) }
        members.append(.init(name: "role", value: .string(role)))
        if !scopes.isEmpty {
            let scope = scopes.joined(separator: " ")
            members.append(.init(name: "scope", value: .string(scope)))
        }
        members.append(.init(name: "iat", value: .integer(seconds)))
        members.append(.init(name: "exp", value: .integer(seconds + lifetime.seconds)))
        return JSONObject(members)
    }

    static let settings: [Setting] = [
        .subject, .role, .lifetime, .service, .anonymous, .secretFile, .secret, .dataDirectory,
    ]

    private static func name(
        _ setting: Setting, in settings: Settings
    ) throws(Failure) -> String? {
        guard let found = settings.value(of: setting) else { return nil }
        guard 1...longestNameBytes ~= found.text.utf8.count else {
            throw found.wrong(
                expected: "1 to \(longestNameBytes)", shown: "\(found.text.utf8.count) bytes")
        }
        return found.text
    }

    private static func lifetime(in settings: Settings) throws(Failure) -> Lifetime {
        guard let found = settings.value(of: .lifetime) else { return .standard }
        guard let lifetime = Lifetime(found.text) else {
            throw found.wrong(
                expected: "a time such as 30s, 15m, 1h or 7d, at most "
                    + "\(Lifetime.longestSeconds / 86_400)d")
        }
        return lifetime
    }

    private static func scopes(in settings: Settings) throws(Failure) -> [String] {
        guard let found = settings.value(of: .service) else { return [] }
        let scopes = found.text.split(separator: " ").map(String.init)
        guard !scopes.isEmpty, scopes.allSatisfy(knownScopes.contains) else {
            throw found.wrong(expected: "scopes among \(knownScopes.joined(separator: " "))")
        }
        return scopes
    }
}

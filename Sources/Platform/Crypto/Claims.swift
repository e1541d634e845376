package import Basics
package import JSON

/// What a verified token says. Only a ``TokenVerifier`` makes it.
package struct Claims: Equatable, Sendable {
    /// All claims in the order of the token, our own readings of them included.
    package let all: JSONObject

    /// When the token's time is over, without leeway.
    package let expires: Timestamp

    init(all: JSONObject, expires: Timestamp) {
        self.all = all
        self.expires = expires
    }

    /// Any claim, such as one of the platform's own; nil when absent.
    package subscript(name: String) -> JSONValue? { all[name] }

    /// Who the token speaks for (RFC 7519 §4.1.2). Tokens of backends may have none.
    package var subject: String? { all["sub"]?.string }

    /// The claim `role`, as Supabase and PostgREST use it.
    package var role: String? { all["role"]?.string }

    /// What the token permits: `scope`, words separated by spaces (RFC 8693 §4.2), or an array.
    package var scopes: [String] {
        guard let scope = all["scope"] else { return [] }
        if let text = scope.string { return text.split(separator: " ").map(String.init) }
        return scope.array?.compactMap(\.string) ?? []
    }

    /// A claim that must be there, as text that is not empty.
    package func requiredText(_ name: String) throws(TokenError) -> String {
        guard let text = all[name]?.string, !text.isEmpty else { throw .missingClaim(name) }
        return text
    }
}

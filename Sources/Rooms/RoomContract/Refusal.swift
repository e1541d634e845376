/// Every error a client can be answered with. `Protocol/errors.json` is the published list; a test
/// holds the two to each other.
package enum ErrorCode: Int, Sendable, CaseIterable {
    case invalidPayload = 1001
    case unmatchedTopic = 1002
    case unknownTopic = 1003
    case unknownEvent = 1004
    case notEnrolled = 1005
    case notPermitted = 1006
    case tooLarge = 1007
    case clientIDConflict = 1008
    case unstorableText = 1009
    case tokenInvalid = 1010
    case tokenExpired = 1011
    case tooManyTopics = 1012
    case signInRequired = 1013
    case notServed = 1014
    case noSuchCourse = 1015
    case busy = 2001
    case unavailable = 2002
    case rateLimited = 2003

    /// The stable name clients match on. "unmatched topic" is Phoenix's own word for it.
    package var name: String {
        switch self {
        case .invalidPayload: "invalid_payload"
        case .unmatchedTopic: "unmatched topic"
        case .unknownTopic: "unknown_topic"
        case .unknownEvent: "unknown_event"
        case .notEnrolled: "not_enrolled"
        case .notPermitted: "not_permitted"
        case .tooLarge: "too_large"
        case .clientIDConflict: "client_id_conflict"
        case .unstorableText: "unstorable_text"
        case .tokenInvalid: "token_invalid"
        case .tokenExpired: "token_expired"
        case .tooManyTopics: "too_many_topics"
        case .signInRequired: "sign_in_required"
        case .notServed: "not_served"
        case .noSuchCourse: "no_such_course"
        case .busy: "busy"
        case .unavailable: "unavailable"
        case .rateLimited: "rate_limited"
        }
    }

    /// What Supabase's clients look for before the colon of a refusal's reason
    /// (supabase/realtime, `realtime_channel.ex`).
    package var supabaseName: String {
        switch self {
        case .notEnrolled, .notPermitted, .noSuchCourse, .signInRequired: "Unauthorized"
        case .tokenInvalid, .tokenExpired: "InvalidJWTToken"
        case .tooManyTopics: "ChannelRateLimitReached"
        case .rateLimited, .busy: "ClientJoinRateLimitReached"
        case .unavailable: "UnableToConnectToProject"
        case .invalidPayload, .unmatchedTopic, .unknownTopic, .unknownEvent, .tooLarge,
            .clientIDConflict, .unstorableText, .notServed:
            name
        }
    }

    /// True when the same request may succeed later.
    package var isTemporary: Bool { rawValue >= 2000 }
}

/// Why a room or the engine said no. It becomes an error reply; the connection stays.
package struct Refusal: Error, Sendable, Equatable {
    package let code: ErrorCode
    /// A sentence for the developer of the client: what was expected, what was found, the limit.
    package let message: String
    /// When trying again makes sense; nil for permanent refusals.
    package let retryAfterMs: Int64?

    package init(_ code: ErrorCode, _ message: String, retryAfterMs: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryAfterMs = retryAfterMs
    }
}

import HTTP

/// Every path that is served beside the page's files; `Protocol/openapi.yaml` describes each.
enum Route: String, CaseIterable {
    case health = "/healthz"
    case readiness = "/readyz"
    case metrics = "/metrics"
    case demo = "/demo"
    case socket = "/socket/websocket"
    case supabaseSocket = "/realtime/v1/websocket"
    case broadcast = "/api/broadcast"
    case supabaseBroadcast = "/realtime/v1/api/broadcast"
    case event = "/api/broadcast/{topic}/events/{event}"
    case supabaseEvent = "/realtime/v1/api/broadcast/{topic}/events/{event}"

    /// The route of a request, and what stands for `{topic}` and `{event}`, decoded, in that order.
    /// Nil for any other path: the page's files, or nothing.
    static func find(_ request: Request) -> (route: Route, parameters: [String])? {
        if let route = Route(rawValue: request.path) { return (route, []) }
        guard let segments = request.pathSegments else { return nil }
        for route in [Route.event, .supabaseEvent] {
            let template = route.rawValue.dropFirst().split(separator: "/")
            guard template.count == segments.count else { continue }
            let pairs = zip(template, segments)
            guard pairs.allSatisfy({ isParameter($0) || $0.utf8.elementsEqual($1.utf8) })
            else { continue }
            return (route, pairs.filter { isParameter($0.0) }.map(\.1))
        }
        return nil
    }

    private static func isParameter(_ part: Substring) -> Bool { part.hasPrefix("{") }

    /// What may be done there; OPTIONS besides, everywhere.
    var methods: [Method] {
        switch self {
        case .health, .readiness, .metrics, .demo, .socket, .supabaseSocket: [.get, .head]
        case .broadcast, .supabaseBroadcast, .event, .supabaseEvent: [.post]
        }
    }

    /// Whether pages of other origins may read the answer. Not where being on the same machine is
    /// all that is asked for: any page that a browser there shows could read it then.
    var isForOtherOrigins: Bool {
        switch self {
        case .metrics, .demo: false
        case .health, .readiness, .socket, .supabaseSocket, .broadcast, .supabaseBroadcast, .event,
            .supabaseEvent:
            true
        }
    }

    /// What the page's files may be asked with.
    static let fileMethods: [Method] = [.get, .head]
}

import Basics
import EventLoop
import HTTP
import Hub
import JSON
import RoomContract

// Plain HTTP: requests of one socket are answered one after the other.
extension LoopGateway {
    func receiveHTTP(
        _ bytes: UnsafeRawBufferPointer, _ parser: RequestParser, from client: Client
    ) {
        guard !client.closesWhenSent else { return }
        do throws(HTTPError) {
            try parser.feed(bytes.bytes)
            while !client.closesWhenSent, let request = try parser.next() {
                client.deadline = loop.now.advanced(by: Client.requestTime)
                if request.isUpgrade, isSocketPath(request.path) {
                    return upgrade(request, parser.leftover, of: client)
                }
                answer(respond(to: request, from: client), to: request, of: client)
            }
            if parser.awaitsContinue { send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: client) }
        } catch {
            let refusal = Refusal(.invalidPayload, "HTTP: \(error.rawValue)")
            send(Response.error(error.status, refusal).serialized(closing: true), to: client)
            client.closesWhenSent = true
        }
    }

    private func isSocketPath(_ path: String) -> Bool {
        Self.socketPaths.contains(path) || (options.echoes && path == "/echo")
    }

    func answer(_ response: Response, to request: Request, of client: Client) {
        var response = response
        response.headers.append(("Access-Control-Allow-Origin", "*"))
        let closes = !request.keepAlive || request.isUpgrade
        send(
            response.serialized(closing: closes, withoutBody: request.method == .head),
            to: client)
        if closes { client.closesWhenSent = true }
    }

    private func respond(to request: Request, from client: Client) -> Response {
        if request.method == .options { return .preflight }
        if Self.socketPaths.contains(request.path) { return explainSocket(request) }
        switch (request.method, request.path) {
        case (.get, "/healthz"), (.head, "/healthz"): return .text("ok\n")
        case (.get, "/readyz"), (.head, "/readyz"): return readiness()
        case (.get, "/metrics"): return metrics(for: request, of: client)
        case (.get, "/demo"): return demo(of: client)
        case (.post, _): return post(request)
        case (.get, _), (.head, _): return asset(request)
        case (.put, _), (.patch, _), (.delete, _), (.options, _):
            return .error(
                .methodNotAllowed, Refusal(.notServed, "no such method on this path"))
        }
    }

    /// A browser does not say why an upgrade failed; the same address asked without one does.
    private func explainSocket(_ request: Request) -> Response {
        guard let query = QueryString(request.query) else {
            return .error(.badRequest, Refusal(.invalidPayload, "the query is malformed"))
        }
        switch identity(of: request, query, subprotocols: []) {
        case .failure(let refusal): return .error(.unauthorized, refusal)
        case .success:
            return .error(
                .upgradeRequired, Refusal(.invalidPayload, "this is a WebSocket endpoint"))
        }
    }

    private func readiness() -> Response {
        guard drainIsOff else { return .unavailable("not ready: draining") }
        guard hub != nil, databaseAnswers else {
            return .unavailable("not ready: the database does not answer")
        }
        return .text("ready\n")
    }

    /// What the server is doing concerns its operator: loopback, or a token of scope `metrics`.
    private func metrics(for request: Request, of client: Client) -> Response {
        if !client.peer.isLoopback {
            guard let token = bearer(request) else {
                return .error(.unauthorized, Refusal(.tokenInvalid, "a service token is needed"))
            }
            if case .failure(let refusal) = gate.allows(token, "metrics", at: loop.wallClock) {
                return .error(.forbidden, refusal)
            }
        }
        reportMetrics()
        let text = MetricsText(
            board.current, residentBytes: ProcessLimits.residentBytes,
            cpuSeconds: ProcessLimits.cpuSeconds)
        return Response(
            .ok, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: text.bytes)
    }

    func reportMetrics() {
        board.report(
            LoopMetrics(
                edge: hub?.edge.counters ?? EdgeCounters(),
                home: hub?.home.counters ?? HomeCounters(),
                topics: hub?.home.topicCount ?? 0, queuedBytes: hub?.edge.queuedBytes ?? 0,
                longestTurn: loop.longestTurn, bytesIn: bytesIn,
                publishedWaiting: publishedWaiting),
            of: index)
    }

    /// Tokens without a password, so only for who sits at this machine.
    private func demo(of client: Client) -> Response {
        guard client.peer.isLoopback, let demo = options.demo else {
            return .error(.notFound, Refusal(.notServed, "no demo data here"))
        }
        return Response(
            .ok,
            headers: [("Content-Type", "application/json"), ("Cache-Control", "no-store")],
            body: demo(loop.wallClock))
    }

    private func asset(_ request: Request) -> Response {
        guard let asset = PageAsset.find(request.path) else {
            return .error(.notFound, Refusal(.notServed, "nothing is here"))
        }
        return Response(.ok, headers: asset.headers, body: asset.bytes)
    }
}

extension Response {
    static func text(_ text: String) -> Response {
        Response(.ok, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }

    /// `{"error": {"code", "name", "message"}}`, from the registry of errors.
    static func error(_ status: Status, _ refusal: Refusal) -> Response {
        var json = JSONWriter(reserving: 128)
        json.object { json in
            json.field(
                "error",
                object: { json in
                    json.field("code", refusal.code.rawValue)
                    json.field("name", refusal.code.name)
                    json.field("message", refusal.message)
                })
            // Supabase's clients show this one.
            json.field("message", refusal.message)
        }
        return Response(status, headers: [("Content-Type", "application/json")], body: json.bytes)
    }

    static func unavailable(_ message: String) -> Response {
        var response = error(.unavailable, Refusal(.unavailable, message))
        response.headers.append(("Retry-After", "1"))
        return response
    }

    /// Browsers ask before they post across origins (Fetch standard, CORS preflight).
    static let preflight = Response(
        .noContent,
        headers: [
            ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
            ("Access-Control-Allow-Headers", "authorization, apikey, content-type, x-client-info"),
            ("Access-Control-Max-Age", "86400"),
        ])
}

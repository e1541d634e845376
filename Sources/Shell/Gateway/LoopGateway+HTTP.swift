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
            while !client.closesWhenSent, !holdsBack(client), let request = try parser.next() {
                client.deadline = loop.now.advanced(by: Client.requestTime)
                if request.isUpgrade, isSocketPath(request.path) {
                    return upgrade(request, parser.leftover, of: client)
                }
                answer(respond(to: request, from: client), to: request, of: client)
            }
            if parser.awaitsContinue {
                send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: client)
            }
        } catch {
            let refusal = Refusal(.invalidPayload, "HTTP: \(error.rawValue)")
            send(Response.error(error.status, refusal).serialized(closing: true), to: client)
            client.closesWhenSent = true
        }
    }

    /// Whether answers pile up because the client does not take them; its requests then wait too.
    private func holdsBack(_ client: Client) -> Bool {
        client.isHeldBack = client.pending.count > Client.maximumPendingBytes
        if client.isHeldBack { sockets.pauseReading(client.id) }
        return client.isHeldBack
    }

    /// All answers are sent: the requests behind them, those already read first.
    func resumeHTTP(_ parser: RequestParser, from client: Client) {
        sockets.resumeReading(client.id)
        receiveHTTP(UnsafeRawBufferPointer(start: nil, count: 0), parser, from: client)
    }

    private func isSocketPath(_ path: String) -> Bool {
        Self.socketPaths.contains(path) || (options.echoes && path == "/echo")
    }

    func answer(_ response: Response, to request: Request, of client: Client) {
        var response = response
        if Route.find(request)?.route.isForOtherOrigins ?? false {
            response.headers.append(("Access-Control-Allow-Origin", "*"))
        }
        let closes = !request.keepAlive || request.isUpgrade
        send(
            response.serialized(closing: closes, withoutBody: request.method == .head),
            to: client)
        if closes { client.closesWhenSent = true }
    }

    private func respond(to request: Request, from client: Client) -> Response {
        if request.method == .options { return .preflight }
        guard let (route, parameters) = Route.find(request) else { return asset(request) }
        guard route.methods.contains(request.method) else {
            return .notAllowed(butOnly: route.methods)
        }
        return switch route {
        case .health: .text("ok\n")
        case .readiness: readiness()
        case .metrics: metrics(for: request, of: client)
        case .demo: demo(for: request, of: client)
        case .socket, .supabaseSocket: explainSocket(request)
        case .broadcast, .supabaseBroadcast: publishBatch(request)
        case .event, .supabaseEvent:
            publishOne(request, topic: parameters[0], event: parameters[1])
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
        if !isFromThisMachine(request, client) {
            if let refusal = refusal(of: bearer(request), scope: "metrics") { return refusal }
        }
        reportMetrics()
        let text = MetricsText(
            board.current, residentBytes: ProcessLimits.residentBytes,
            cpuSeconds: ProcessLimits.cpuSeconds)
        return Response(
            .ok, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: text.bytes)
    }

    /// Whether somebody at this machine asks. The address alone does not say so: a web page whose
    /// name was pointed at 127.0.0.1 asks from here too (DNS rebinding), and so does a proxy. The
    /// first shows in the host it asks for, and so does a proxy that passes the host on.
    private func isFromThisMachine(_ request: Request, _ client: Client) -> Bool {
        client.isLocal && request.isForLoopback
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
    private func demo(for request: Request, of client: Client) -> Response {
        guard isFromThisMachine(request, client), let demo = options.demo else {
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
        guard Route.fileMethods.contains(request.method) else {
            return .notAllowed(butOnly: Route.fileMethods)
        }
        return Response(.ok, headers: asset.headers, body: asset.bytes)
    }

    /// The answer to who lacks a service token of this scope; nil for who has one.
    func refusal(of token: String?, scope: String) -> Response? {
        guard let token else {
            return .error(.unauthorized, Refusal(.tokenInvalid, "a service token is needed"))
        }
        switch gate.allows(token, scope, at: loop.wallClock) {
        case .success: return nil
        case .failure(let refusal):
            return .error(
                refusal.code == .notPermitted ? .forbidden : .unauthorized, refusal)
        }
    }
}

extension Response {
    static func text(_ text: String) -> Response {
        Response(
            .ok, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
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

    /// RFC 9110 §15.5.6: the answer names what is allowed.
    static func notAllowed(butOnly methods: [Method]) -> Response {
        let names = (methods + [.options]).map(\.rawValue).joined(separator: ", ")
        var response = error(.methodNotAllowed, Refusal(.notServed, "allowed here: \(names)"))
        response.headers.append(("Allow", names))
        return response
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

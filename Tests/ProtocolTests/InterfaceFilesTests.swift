import HTTP
import Testing

@testable import Gateway

@Suite struct `The interface files` {
    @Test(arguments: ["openapi.yaml", "asyncapi.yaml"])
    func `are YAML, and every reference names something`(name: String) throws {
        let document = try YAML(parsing: Registry.text("Protocol/\(name)"))
        let references = document.references
        #expect(references.count > 50)
        for reference in references {
            #expect(document.resolve(reference) != nil, "\(reference)")
        }
    }

    @Test func `OpenAPI describes every path and method that is served, and no other`() throws {
        let document = try YAML(parsing: Registry.text("Protocol/openapi.yaml"))
        let paths = try #require(document["paths"])
        var described = Set(
            paths.keys.flatMap { path in
                (paths[path]?.keys ?? []).map { "\($0.uppercased()) \(path)" }
            })
        // The page stands for all its files.
        for method in Route.fileMethods { described.remove("\(method.rawValue) /") }
        let served = Route.allCases.flatMap { route in
            route.methods.map { "\($0.rawValue) \(route.rawValue)" }
        }
        #expect(described.sorted() == served.sorted())
    }

    @Test func `AsyncAPI names every event of the rooms`() throws {
        let document = try YAML(parsing: Registry.text("Protocol/asyncapi.yaml"))
        let messages = try #require(document["components"]?["messages"])
        let names = Set(messages.keys.compactMap { messages[$0]?["name"]?.text })
        let said = [
            "heartbeat", "phx_join", "phx_leave", "phx_reply", "phx_close", "access_token",
            "system", "gap", "message:send", "message:new", "history", "typing",
            "notification:read", "notification:new", "notification:unread", "broadcast",
            "presence", "presence_state", "presence_diff",
        ]
        #expect(names == Set(said))
    }

    @Test(arguments: [
        "a: b: c", "a: 'b'", "a:\nb: c", "a: b\na: c", "a: *b", "a: \"b", "- a\nb: c",
    ])
    func `what is not plain YAML is refused`(text: String) {
        #expect(throws: YAML.Mistake.self) { try YAML(parsing: text) }
    }

    @Test func `plain YAML is read`() throws {
        let document = try YAML(
            parsing: """
                a: b
                "200":
                  - c: d
                    e: [f, g]
                  - h
                i: |
                  text: free
                j: {}
                """)
        #expect(document["a"]?.text == "b")
        #expect(document["200"]?.items.first?["e"] == .list([.scalar("f"), .scalar("g")]))
        #expect(document["200"]?.items.last == .scalar("h"))
        #expect(document["i"]?.text == "  text: free")
        #expect(document["j"]?.keys == [])
    }
}

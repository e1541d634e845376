// swift-tools-version: 6.2
import PackageDescription

// The folders under Sources/ are the layers, bottom to top; a target may import what stands
// below it and what is listed here, nothing else (Tests/TidyTests holds the sources to it).

/// What every Swift target of ours is compiled with.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

func library(
    _ name: String, in layer: String, _ dependencies: [Target.Dependency],
    resources: [Resource] = [], exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(layer)/\(name)",
        exclude: exclude, resources: resources, swiftSettings: strict)
}

func tests(
    of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies,
        path: "Tests/\(name)Tests", resources: resources, swiftSettings: strict)
}

/// A C library of Debian's. `pkgConfig` stays nil where the library ships no .pc file.
func system(_ name: String, pkgConfig: String?, apt package: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/Platform/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([package])])
}

let package = Package(
    name: "rollcall",
    products: [
        .executable(name: "rollcall", targets: ["rollcall"]),
        .executable(name: "rollcall-load", targets: ["rollcall-load"]),
    ],
    targets: [
        // Platform: the C libraries, and thin Swift over each.
        system("CLibuv", pkgConfig: "libuv", apt: "libuv1-dev"),
        system("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
        system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("CHTTPParser", pkgConfig: nil, apt: "libhttp-parser-dev"),
        .target(
            name: "CSimdjson", path: "Sources/Platform/CSimdjson",
            cxxSettings: [.unsafeFlags(["-O3"])],
            linkerSettings: [.linkedLibrary("simdjson")]),
        library("Basics", in: "Platform", []),
        library("JSON", in: "Platform", ["Basics", "CSimdjson"]),
        library("Crypto", in: "Platform", ["Basics", "JSON", "COpenSSL"]),
        library("EventLoop", in: "Platform", ["Basics", "CLibuv"]),
        library("Postgres", in: "Platform", ["Basics", "EventLoop", "CLibpq"]),

        // Protocols: bytes to meaning and back, no I/O.
        library("HTTP", in: "Protocols", ["Basics", "CHTTPParser"]),
        library("WebSocket", in: "Protocols", ["Basics", "HTTP", "Crypto", "CZlib"]),
        library("Phoenix", in: "Protocols", ["Basics", "JSON"]),

        // Engine: any realtime server; no product words.
        library("PubSub", in: "Engine", ["Basics"]),
        library("Resume", in: "Engine", ["Basics", "PubSub"]),
        library("Presence", in: "Engine", ["Basics", "JSON", "PubSub"]),

        // Rooms: the product.
        library(
            "RoomContract", in: "Rooms", ["Basics", "JSON", "PubSub", "Resume", "Presence"]),
        library(
            "CourseChannels", in: "Rooms", ["Basics", "JSON", "PubSub", "Resume", "RoomContract"]),
        library("People", in: "Rooms", ["Basics", "JSON", "PubSub", "Resume", "RoomContract"]),
        library("OpenTopics", in: "Rooms", ["Basics", "JSON", "PubSub", "Resume", "RoomContract"]),

        // Shell: where decisions meet the world.
        library(
            "MemoryStorage", in: "Shell", ["Basics", "PubSub", "Resume", "RoomContract"]),
        library(
            "PostgresStorage", in: "Shell",
            [
                "Basics", "JSON", "Crypto", "EventLoop", "Postgres", "PubSub", "Resume",
                "RoomContract",
            ],
            resources: [.embedInCode("Migrations")]),
        library("PrivateCluster", in: "Shell", ["Basics"]),
        library(
            "Hub", in: "Shell",
            [
                "Basics", "JSON", "WebSocket", "Phoenix", "PubSub", "Resume", "Presence",
                "RoomContract",
            ]),
        library(
            "Gateway", in: "Shell",
            [
                "Basics", "JSON", "Crypto", "EventLoop", "HTTP", "WebSocket", "Phoenix", "PubSub",
                "Resume", "Presence", "RoomContract", "Hub",
            ],
            resources: [.embedInCode("Page")]),

        // Server: configuration, composition, lifecycle.
        .executableTarget(
            name: "rollcall",
            dependencies: [
                "Basics", "JSON", "Crypto", "EventLoop", "Postgres", "HTTP", "PubSub", "Resume",
                "RoomContract", "CourseChannels", "People", "OpenTopics", "PostgresStorage",
                "PrivateCluster", "Hub", "Gateway",
            ],
            path: "Sources/Server", swiftSettings: strict),
        .executableTarget(
            name: "rollcall-load",
            dependencies: [
                "Basics", "JSON", "Crypto", "EventLoop", "HTTP", "WebSocket", "Phoenix",
            ],
            path: "LoadTests/Harness", swiftSettings: strict),

        tests(of: "Basics"),
        tests(of: "JSON"),
        tests(of: "Crypto"),
        tests(of: "EventLoop"),
        tests(of: "Postgres", ["EventLoop", "Basics", "TestSupport"]),
        .target(
            name: "TestSupport", dependencies: ["Basics", "EventLoop"], path: "Tests/Support",
            swiftSettings: strict),
        .testTarget(
            name: "StorageContractTests",
            dependencies: [
                "TestSupport", "Basics", "EventLoop", "Postgres", "PubSub", "Resume",
                "RoomContract", "MemoryStorage", "PostgresStorage",
            ],
            path: "Tests/StorageContractTests", swiftSettings: strict),
        tests(of: "HTTP", ["Basics"]),
        tests(of: "WebSocket", ["Basics", "HTTP", "JSON"]),
        tests(of: "Phoenix", ["Basics", "JSON"]),
        tests(of: "PubSub", ["Basics"]),
        tests(of: "Resume", ["Basics", "PubSub"]),
        tests(of: "Presence", ["Basics", "JSON", "PubSub"]),
        tests(of: "PrivateCluster", ["Basics"]),
        tests(of: "RoomContract", ["Basics", "JSON", "PubSub", "Resume", "OpenTopics"]),
        tests(of: "CourseChannels", ["Basics", "JSON", "PubSub", "Resume", "RoomContract"]),
        tests(of: "People", ["Basics", "JSON", "PubSub", "RoomContract"]),
        tests(of: "OpenTopics", ["Basics", "JSON", "PubSub", "RoomContract"]),
        // The server without sockets, clocks and threads, under a seeded network.
        .target(
            name: "TestSimulation",
            dependencies: [
                "Basics", "JSON", "WebSocket", "Phoenix", "PubSub", "Resume", "RoomContract",
                "CourseChannels", "People", "OpenTopics", "MemoryStorage", "Hub",
            ],
            path: "Tests/Simulation", swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["TestSimulation", "Basics", "Hub", "PubSub"],
            path: "Tests/SimulationTests", swiftSettings: strict),
        tests(
            of: "Hub",
            [
                "TestSimulation", "Basics", "JSON", "WebSocket", "Phoenix", "PubSub", "Resume",
                "Presence", "RoomContract", "MemoryStorage",
            ]),
        .testTarget(
            name: "ServerTests", dependencies: ["rollcall", "Basics", "Crypto", "JSON"],
            path: "Tests/ServerTests", swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx20
)

/// The running server: composition and lifecycle.
struct Server {
    let configuration: ServeConfiguration
    let isRoot: Bool

    init(_ configuration: ServeConfiguration, asRoot isRoot: Bool) {
        self.configuration = configuration
        self.isRoot = isRoot
    }

    func run() throws(Failure) -> ExitCode {
        throw .unavailable("serve: not composed yet")
    }
}

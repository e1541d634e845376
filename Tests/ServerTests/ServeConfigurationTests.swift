import Testing

@testable import rollcall

@Suite("Serve configuration")
struct ServeConfigurationTests {
    private func configuration(
        _ words: String..., environment: [String: String] = [:], asRoot: Bool = false
    ) throws -> ServeConfiguration {
        let settings = try settings(words, environment: environment)
        return try ServeConfiguration(settings, asRoot: asRoot)
    }

    /// The refusal of one setting, on the command line or in the environment.
    private func refusal(_ words: String..., environment: [String: String] = [:]) throws -> Failure?
    {
        let settings = try settings(words, environment: environment)
        return failure { () throws(Failure) in try ServeConfiguration(settings, asRoot: false) }
    }

    @Test func `nothing said means the documented defaults`() throws {
        let plain = try configuration()
        #expect(plain.listen.description == "127.0.0.1:4000")
        #expect(plain.database == .privateCluster)
        #expect(plain.dataDirectory == ".rollcall")
        #expect(plain.secret == .generated(path: ".rollcall/jwt-secret"))
        #expect(plain.jwksFile == nil)
        #expect(plain.rulesFile == nil)
        #expect(plain.loops >= 1)
        #expect(plain.log == .standard)
        #expect(!plain.echoes)
        #expect(!plain.isDemo)
        let root = try configuration(asRoot: true)
        #expect(root.dataDirectory == "/var/lib/rollcall")
    }

    @Test func `a flag wins over its variable`() throws {
        let environment = ["ROLLCALL_LISTEN": "127.0.0.1:1", "ROLLCALL_LOOPS": "3"]
        let read = try configuration("--listen", "[::1]:2", environment: environment)
        #expect(read.listen.description == "[::1]:2")
        #expect(read.loops == 3)
    }

    @Test func `an empty variable is no variable, and an empty database flag is the cluster`()
        throws
    {
        let environment = ["ROLLCALL_LISTEN": "", "DATABASE_URL": "postgres://a"]
        let read = try configuration("--database", "", environment: environment)
        #expect(read.listen == .standard)
        #expect(read.database == .privateCluster)
    }

    @Test func `the place decides the exit code`() throws {
        let flag = try refusal("--loops", "many")
        let variable = try refusal(environment: ["ROLLCALL_LOOPS": "many"])
        #expect(flag?.code == .usage)
        #expect(flag?.line == "--loops: found \"many\", expected a number from 1 to 256")
        #expect(variable?.code == .configuration)
        #expect(
            variable?.line == "ROLLCALL_LOOPS: found \"many\", expected a number from 1 to 256")
    }

    @Test(arguments: [("1", true), ("256", true), ("0", false), ("257", false), ("-1", false)])
    func `loops are counted from 1 to 256`(text: String, isAccepted: Bool) throws {
        let found = try refusal(environment: ["ROLLCALL_LOOPS": text])
        #expect((found == nil) == isAccepted)
    }

    @Test(arguments: [
        ("info", true), ("debug,json", true), ("error", true), ("loud", false), ("", false),
        ("info,xml", false), ("info,json,json", false), ("json", false),
    ])
    func `a log setting is a level, with json or without`(text: String, isAccepted: Bool) throws {
        let found = try refusal("--log=\(text)")
        #expect((found == nil) == isAccepted)
    }

    @Test func `a wrong database never shows what may be a password`() throws {
        let found = try refusal(environment: ["DATABASE_URL": "hunter2"])
        let line = try #require(found?.line)
        #expect(line.hasPrefix("DATABASE_URL: found neither a URL nor pairs"))
        #expect(!line.contains("hunter2"))
    }

    @Test(arguments: ["postgres://u@h/d", "postgresql://", "host=/tmp user=a"])
    func `a database is a URL or pairs`(text: String) throws {
        let read = try configuration("--database=\(text)")
        #expect(read.database == .external(text))
    }

    @Test func `a secret needs 32 bytes and is never shown`() throws {
        let short = String(repeating: "s", count: 31)
        let found = try refusal(environment: ["ROLLCALL_JWT_SECRET": short])
        #expect(found?.line == "ROLLCALL_JWT_SECRET: found 31 bytes, expected at least 32")
        let long = short + "s"
        let read = try configuration(environment: ["ROLLCALL_JWT_SECRET": long])
        #expect(read.secret == .given(Array(long.utf8)))
    }

    @Test(arguments: ["--jwks", "--rules", "--jwt-secret-file"])
    func `a file that is not there, or is none, is named`(flag: String) throws {
        let missing = try refusal(flag, "/nonexistent/file")
        #expect(
            missing?.line
                == "\(flag): found \"/nonexistent/file\" (No such file or directory), "
                + "expected a file to read")
        let directory = try refusal(flag, "/")
        #expect(
            directory?.line == "\(flag): found \"/\" (not a plain file), expected a file to read")
    }

    @Test func `the echo is switched by 1 and 0 only`() throws {
        let on = try configuration(environment: ["ROLLCALL_ECHO": "1"])
        let off = try configuration(environment: ["ROLLCALL_ECHO": "0"])
        let wrong = try refusal(environment: ["ROLLCALL_ECHO": "yes"])
        #expect(on.echoes)
        #expect(!off.echoes)
        #expect(wrong?.line == "ROLLCALL_ECHO: found \"yes\", expected 1 or 0")
    }

    @Test func `demo tokens are handed out on loopback only`() throws {
        let near = try configuration("--demo")
        let far = try refusal("--demo", "--listen", "0.0.0.0:4000")
        #expect(near.isDemo)
        #expect(
            far?.line
                == "--demo: found --listen 0.0.0.0:4000, expected a loopback address with it")
    }
}

import Basics
import Crypto
import Testing

@testable import rollcall

@Suite("Keys of the configuration")
struct ServeConfigurationKeysTests {
    /// The Ed25519 key of RFC 8037 appendix A.2.
    private let published = #"""
        {"keys": [{"kty": "OKP", "crv": "Ed25519",
          "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
        """#

    private func keys(_ jwks: String?) throws -> Result<Int, Failure> {
        try withDirectory { directory in
            var words = ["--data-dir", directory]
            if let jwks {
                try File.create(directory + "/keys.json", Array(jwks.utf8), mode: 0o600)
                words += ["--jwks", directory + "/keys.json"]
            }
            let configuration = try ServeConfiguration(try settings(words), asRoot: false)
            do throws(Failure) {
                return .success(try configuration.keys().count)
            } catch {
                return .failure(error)
            }
        }
    }

    @Test func `the generated secret is a key, and the key set's stand beside it`() throws {
        let alone = try keys(nil)
        let both = try keys(published)
        #expect(alone == .success(1))
        #expect(both == .success(2))
    }

    @Test(arguments: [
        "", "[]", "{\"keys\": 1}", "{\"keys\": []}", "{\"keys\": [{\"kty\": \"oct\"}]}",
    ])
    func `a key set without a key that can be used is refused by name`(jwks: String) throws {
        let found = try keys(jwks)
        guard case .failure(let failure) = found else {
            Issue.record("accepted \(jwks)")
            return
        }
        #expect(failure.code == .configuration)
        #expect(failure.line.hasPrefix("key set \"/tmp/"))
    }
}

import Basics
import Glibc
import Testing

@testable import rollcall

@Suite("JWT secret")
struct JWTSecretTests {
    private func refusal(of source: JWTSecret.Source) -> String? {
        failure { () throws(Failure) in try JWTSecret.load(source) }?.line
    }

    @Test func `one is generated at the first start and kept, for its owner only`() throws {
        try withDirectory { directory in
            let path = directory + "/jwt-secret"
            let first = try JWTSecret.load(.generated(path: path))
            let again = try JWTSecret.load(.generated(path: path))
            let file = try File.read(path, atMost: 1_000)
            #expect(first.count >= JWTSecret.shortestBytes)
            #expect(again == first)
            #expect(file.mode == 0o600)
            let other = try JWTSecret.load(.generated(path: directory + "/other"))
            #expect(other != first)
        }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o602, 0o610] as [UInt32])
    func `a file that others may touch is refused`(mode: UInt32) throws {
        try withDirectory { directory in
            let path = directory + "/secret"
            try File.create(path, Array(repeating: 0x61, count: 32), mode: 0o600)
            chmod(path, mode)
            let line = refusal(of: .file(path))
            #expect(line?.contains("found mode 0\(String(mode, radix: 8)), expected 0600") == true)
            chmod(path, 0o400)
            let mended = refusal(of: .file(path))
            #expect(mended == nil)
        }
    }

    @Test func `the newline an editor leaves is not part of it`() throws {
        try withDirectory { directory in
            let path = directory + "/secret"
            let secret = [UInt8](repeating: 0x61, count: 32)
            try File.create(path, secret + Array("\r\n".utf8), mode: 0o600)
            let read = try JWTSecret.load(.file(path))
            #expect(read == secret)
        }
    }

    @Test(arguments: [(31, false), (32, true), (4_096, true), (4_097, false)])
    func `a secret has 32 to 4096 bytes`(count: Int, isAccepted: Bool) throws {
        try withDirectory { directory in
            let path = directory + "/secret"
            try File.create(path, Array(repeating: 0x61, count: count), mode: 0o600)
            let line = refusal(of: .file(path))
            #expect((line == nil) == isAccepted, "\(line ?? "")")
        }
    }

    @Test func `a directory that is not there is named`() {
        let line = refusal(of: .generated(path: "/nonexistent/jwt-secret"))
        #expect(line?.hasPrefix("JWT secret \"/nonexistent/jwt-secret\": create: ") == true)
    }
}

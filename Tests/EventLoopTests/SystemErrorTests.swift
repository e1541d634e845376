import Glibc
import Testing

@testable import EventLoop

@Suite struct SystemErrorTests {
    @Test func `the message says what failed and why`() {
        let message = SystemError(code: EADDRINUSE, operation: "listen on 127.0.0.1:1").message
        #expect(message == "listen on 127.0.0.1:1: address already in use (98)")
    }

    @Test func `only negative numbers of libuv are errors`() {
        #expect(throws: Never.self) { try SystemError.check(0, "try") }
        #expect(throws: SystemError(code: ENOENT, operation: "try")) {
            try SystemError.check(-ENOENT, "try")
        }
    }
}

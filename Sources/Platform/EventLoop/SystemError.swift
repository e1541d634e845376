import CLibuv
import Glibc

/// What the operating system refused, and which of our operations it refused.
package struct SystemError: Error, Hashable, Sendable {
    /// The error number, positive as in `errno`.
    package let code: Int32

    /// The call or step that failed, such as `bind 127.0.0.1:4000`. For people.
    package let operation: String

    package init(code: Int32, operation: String) {
        self.code = code
        self.operation = operation
    }

    /// The error of the C call made just before.
    static func last(_ operation: String) -> SystemError {
        SystemError(code: errno, operation: operation)
    }

    /// Throws when a libuv function answered with a negative error number.
    static func check(_ status: Int32, _ operation: String) throws(SystemError) {
        guard status < 0 else { return }
        throw SystemError(code: -status, operation: operation)
    }

    /// `bind 127.0.0.1:4000: address already in use (98)`.
    package var message: String {
        "\(operation): \(String(cString: uv_strerror(-code))) (\(code))"
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String { message }
}

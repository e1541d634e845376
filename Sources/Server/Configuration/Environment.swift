import Basics

/// The environment the process was started with.
enum Environment {
    /// Read from /proc, because C's `environ` is a mutable global that Swift 6 rightly refuses;
    /// what is no UTF-8 or no pair is left out.
    static func ofProcess() throws(Failure) -> [String: String] {
        do {
            let block = try File.read("/proc/self/environ", atMost: largestBytes)
            return parse(block.bytes)
        } catch {
            throw .configuration("environment: \(error)")
        }
    }

    /// `NAME=value` pairs, each ended by a zero byte; the first of equal names holds, as in
    /// `getenv`.
    static func parse(_ block: [UInt8]) -> [String: String] {
        var variables: [String: String] = [:]
        for entry in block.split(separator: 0) {
            guard let text = String(validating: entry, as: UTF8.self),
                let equals = text.firstIndex(of: "=")
            else { continue }
            let name = String(text[..<equals])
            let value = String(text[text.index(after: equals)...])
            variables[name] = variables[name] ?? value
        }
        return variables
    }

    /// More than the kernel passes: a quarter of the stack limit, 2 MiB of the usual 8.
    private static let largestBytes = 16 << 20
}

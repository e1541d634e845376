import Glibc

/// Where a command speaks: results on standard output, everything else on standard error.
struct Console {
    let out: (String) -> Void
    let error: (String) -> Void

    static var standard: Console {
        Console(
            out: { write($0 + "\n", to: STDOUT_FILENO) },
            error: { write($0 + "\n", to: STDERR_FILENO) })
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A closed pipe (`rollcall --help | head`) ends the text, not the command.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

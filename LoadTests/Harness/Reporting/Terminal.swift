import Glibc

/// What is written for people: results on standard output, progress on standard error.
enum Terminal {
    static func print(_ text: String) { write(text, to: 1) }
    static func warn(_ text: String) { write(text, to: 2) }

    static let errorIsTerminal = isatty(2) == 1

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // A closed pipe: nobody reads what we say.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

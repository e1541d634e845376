import Glibc

/// What a figure is worthless without: the machine, the kernel and the source it was taken from.
struct MachineFacts: Equatable, Sendable {
    let processor: String
    let cores: Int
    let kernel: String
    /// Descriptors this process may open.
    let openFiles: Int
    /// `ROLLCALL_COMMIT` of the environment, else what git says here, else `unknown`.
    let commit: String

    static func read(commit: String?) -> MachineFacts {
        let information = ProcessProbe.text(of: "/proc/cpuinfo") ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }
        let release = ProcessProbe.text(of: "/proc/sys/kernel/osrelease") ?? "unknown"
        return MachineFacts(
            processor: model?.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
                ?? "unknown",
            cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            kernel: release.filter { !$0.isNewline },
            openFiles: DescriptorLimit.raise(), commit: commit ?? head() ?? "unknown")
    }

    /// What `.git` here points at, without starting git; nil outside a repository.
    private static func head() -> String? {
        guard let folder = gitFolder(), let head = line("\(folder)/HEAD") else { return nil }
        guard head.hasPrefix("ref: ") else { return String(head.prefix(12)) }
        let reference = head.dropFirst(5)
        // A worktree keeps its branches in the repository it belongs to.
        let common = line("\(folder)/commondir").map { "\(folder)/\($0)" } ?? folder
        return line("\(common)/\(reference)").map { String($0.prefix(12)) }
    }

    private static func gitFolder() -> String? {
        if let pointer = line(".git"), pointer.hasPrefix("gitdir: ") {
            return String(pointer.dropFirst(8))
        }
        return access(".git/HEAD", R_OK) == 0 ? ".git" : nil
    }

    private static func line(_ path: String) -> String? {
        guard let text = ProcessProbe.text(of: path) else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }
}

/// The number of descriptors, of which every connection takes one.
enum DescriptorLimit {
    /// Raises the limit as far as an ordinary process may, and returns what holds now.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}

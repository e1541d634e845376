import Glibc

/// Looks at how many sockets the process may have. The server raises its own limit to the hard
/// one at start, so only the hard one matters.
enum LimitsCheckup {
    /// Every connection is a descriptor. 16,384 hold the largest lecture we promise to serve,
    /// 5,000 people with three devices each; Debian's hard limit is 1,048,576.
    static let enoughDescriptors: UInt64 = 16_384

    static func finding() -> Finding {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return .mend("open files: the limit cannot be read", "look at ulimit -Hn")
        }
        return finding(hard: UInt64(limit.rlim_max))
    }

    static func finding(hard: UInt64) -> Finding {
        guard hard >= enoughDescriptors else {
            return .mend(
                "open files: at most \(hard), enough for fewer connections",
                "raise it: LimitNOFILE=\(enoughDescriptors) in the unit file, or ulimit -Hn")
        }
        let shown = hard == UInt64.max ? "without limit" : "at most \(hard)"
        return .well("open files: \(shown)")
    }
}

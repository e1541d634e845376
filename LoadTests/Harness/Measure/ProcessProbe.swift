import Glibc

/// Reads from /proc what a process has used, ours or the server's.
struct ProcessProbe: Sendable {
    struct Sample: Equatable, Sendable {
        /// User and system time of all threads that live.
        var cpuNanoseconds: Int64
        /// How long its threads were ready but something else had their core. Large values mean
        /// that the machine had other work, and that latencies measure that.
        var waitingNanoseconds: Int64
        /// `VmRSS`; kernel memory of sockets is not part of it.
        var residentBytes: Int64
    }

    let process: Int32

    /// The generator itself.
    static let ourselves = ProcessProbe(process: getpid())

    /// Nil when the process is gone or belongs to somebody whose files we may not read.
    func sample() -> Sample? {
        guard let times = threadTimes() ?? processTimes(),
            let status = ProcessProbe.text(of: "/proc/\(process)/status"),
            let resident = ProcessProbe.kibibytes("VmRSS", in: status)
        else { return nil }
        return Sample(
            cpuNanoseconds: times.running, waitingNanoseconds: times.waiting,
            residentBytes: resident * 1024)
    }

    /// The sum over the threads of `schedstat`, in nanoseconds. `/proc/PID/stat` gives the same
    /// times in ticks of 10 ms, too coarse for short runs. A thread that ends takes its time
    /// with it; the server's threads live as long as the server.
    private func threadTimes() -> (running: Int64, waiting: Int64)? {
        let folder = "/proc/\(process)/task"
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var sum: (running: Int64, waiting: Int64) = (0, 0)
        var threads = 0
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard Int32(name) != nil,
                let line = ProcessProbe.text(of: "\(folder)/\(name)/schedstat")
            else { continue }
            let fields = line.split(separator: " ").compactMap { Int64($0) }
            guard fields.count >= 2 else { continue }
            sum.running += fields[0]
            sum.waiting += fields[1]
            threads += 1
        }
        return threads > 0 ? sum : nil
    }

    /// Fields 14 and 15 of `/proc/PID/stat` (proc(5)), counted behind the name's last bracket,
    /// because a name may hold blanks.
    private func processTimes() -> (running: Int64, waiting: Int64)? {
        guard let line = ProcessProbe.text(of: "/proc/\(process)/stat"),
            let bracket = line.lastIndex(of: ")")
        else { return nil }
        let fields = line[line.index(after: bracket)...].split(separator: " ")
        let ticksPerSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
        guard fields.count > 12, ticksPerSecond > 0, let user = Int64(fields[11]),
            let system = Int64(fields[12])
        else { return nil }
        return ((user + system) * (1_000_000_000 / ticksPerSecond), 0)
    }

    static func kibibytes(_ field: String, in status: String) -> Int64? {
        for line in status.split(separator: "\n") where line.hasPrefix("\(field):") {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == ":" })
            return words.dropFirst().first.flatMap { Int64($0) }
        }
        return nil
    }

    /// The whole of a small file, read at once as /proc wants it; nil when it cannot be read.
    static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}

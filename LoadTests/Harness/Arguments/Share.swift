/// Which part of the work a generator process does: one of several equal ones.
struct Share: Equatable, Sendable {
    /// The flag by which a process tells those it starts; nobody else needs it.
    static let flag = "--share"

    /// The flag that names the descriptor of a pipe whose other end is closed when everybody is
    /// ready.
    static let startFlag = "--start-descriptor"

    static let mostProcesses = 64

    /// From 0.
    let index: Int
    let count: Int
    /// Where to wait for the others; nil when there are none.
    let startDescriptor: Int32?

    static let all = Share(index: 0, count: 1)

    init(index: Int, count: Int, startDescriptor: Int32? = nil) {
        self.index = index
        self.count = count
        self.startDescriptor = startDescriptor
    }

    /// `--share INDEX/COUNT` of a started process; everything otherwise.
    init(_ options: Options) throws(UsageError) {
        guard let text = options.text(Share.flag) else {
            self = .all
            return
        }
        let parts = text.split(separator: "/").compactMap { Int($0) }
        guard parts.count == 2, (1...Share.mostProcesses).contains(parts[1]),
            (0..<parts[1]).contains(parts[0])
        else { throw UsageError("\(Share.flag): found \(text), expected INDEX/COUNT") }
        self.init(
            index: parts[0], count: parts[1],
            startDescriptor: options.text(Share.startFlag).flatMap { Int32($0) })
    }

    /// Whether this process is one of several.
    var isPart: Bool { count > 1 }

    /// This process's part of `total` things, which have to be divisible.
    func part(of total: Int, _ flag: String) throws(UsageError) -> Int {
        guard total % count == 0 else {
            throw UsageError("\(flag): \(total) cannot be shared by \(count) processes equally")
        }
        return total / count
    }
}

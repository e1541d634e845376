import Basics
package import Hub
import Synchronization

/// What every loop last said of itself, for `/metrics`.
package final class MetricsBoard: Sendable {
    private let loops: Mutex<[Int: LoopMetrics]> = Mutex([:])

    package init() {}

    func report(_ metrics: LoopMetrics, of loop: Int) {
        loops.withLock { $0[loop] = metrics }
    }

    /// All loops, by index.
    package var current: [LoopMetrics] {
        loops.withLock { loops in loops.keys.sorted().compactMap { loops[$0] } }
    }
}

/// What one loop says of itself.
package struct LoopMetrics: Sendable {
    package let edge: EdgeCounters
    package let home: HomeCounters
    package let topics: Int
    package let queuedBytes: Int
    /// The longest turn since the last report: how long a byte may have waited.
    package let longestTurn: Duration
    /// Bytes that sockets received, before anything was made of them.
    package let bytesIn: Int
    /// Rows that applications published and that are not in the log yet. Of the database, so the
    /// same for all who ask; only one loop does.
    package let publishedWaiting: Int
}

/// Prometheus' text format, version 0.0.4.
struct MetricsText {
    private(set) var bytes: [UInt8] = []

    init(_ loops: [LoopMetrics], residentBytes: Int, cpuSeconds: Double) {
        func sum(_ part: (LoopMetrics) -> Int) -> Int { loops.reduce(0) { $0 + part($1) } }
        gauge("rollcall_connections", "WebSocket connections", sum { $0.edge.connections })
        gauge("rollcall_topics", "topics with members", sum { $0.topics })
        counter("rollcall_messages_in_total", "messages received", sum { $0.edge.messagesIn })
        counter("rollcall_frames_out_total", "frames queued", sum { $0.edge.framesOut })
        counter("rollcall_deliveries_total", "frames to subscribers", sum { $0.edge.deliveries })
        counter("rollcall_bytes_in_total", "bytes received", sum { $0.bytesIn })
        counter("rollcall_bytes_out_total", "bytes taken by the kernel", sum { $0.edge.bytesOut })
        gauge("rollcall_outbox_bytes", "bytes that wait for readers", sum { $0.queuedBytes })
        counter("rollcall_appended_total", "entries committed", sum { $0.home.appended })
        counter("rollcall_repeats_total", "retries of entries", sum { $0.home.repeated })
        gauge(
            "rollcall_published_waiting", "rows published in SQL that are not in the log yet",
            sum { $0.publishedWaiting })
        counter("rollcall_append_failures_total", "failed appends", sum { $0.home.failedAppends })
        line("# HELP rollcall_dropped_total what was refused or discarded, by reason")
        line("# TYPE rollcall_dropped_total counter")
        let reasons: [(String, (LoopMetrics) -> Int)] = [
            ("busy", { $0.home.refusedBusy }), ("malformed", { $0.edge.malformed }),
            ("rate_limited", { $0.edge.rateLimited }),
            ("event_without_room", { $0.edge.droppedEvents }), ("rewind", { $0.edge.rewinds }),
        ]
        for (reason, part) in reasons {
            line("rollcall_dropped_total{reason=\"\(reason)\"} \(sum(part))")
        }
        line("# HELP rollcall_closes_total connections ended by the server, by reason")
        line("# TYPE rollcall_closes_total counter")
        for reason in CloseReason.allCases {
            let count = sum { $0.edge.closes[reason] ?? 0 }
            line("rollcall_closes_total{reason=\"\(reason.name)\"} \(count)")
        }
        histogram(
            "rollcall_batch_entries", "drafts in a batch that was written",
            bounds: HomeCounters.batchBounds.map { "\($0)" },
            buckets: loops.map(\.home.batchBuckets), sum: "\(sum { $0.home.batchedDrafts })")
        let commitNanoseconds = loops.reduce(Int64(0)) { $0 + $1.home.commitNanoseconds }
        histogram(
            "rollcall_commit_seconds", "from a draft's submission to its committed answer",
            bounds: HomeCounters.commitBounds.map { "\(Double($0) / 1_000)" },
            buckets: loops.map(\.home.commitBuckets), sum: "\(Double(commitNanoseconds) / 1e9)")
        line("# HELP rollcall_loop_lag_seconds the longest turn of the last second, by loop")
        line("# TYPE rollcall_loop_lag_seconds gauge")
        for (index, loop) in loops.enumerated() {
            let seconds = Double(loop.longestTurn.inNanoseconds) / 1e9
            line("rollcall_loop_lag_seconds{loop=\"\(index)\"} \(seconds)")
        }
        gauge("process_resident_memory_bytes", "resident memory", residentBytes)
        line("# TYPE process_cpu_seconds_total counter")
        line("process_cpu_seconds_total \(cpuSeconds)")
    }

    /// The buckets of all loops together; each has one more than there are bounds.
    private mutating func histogram(
        _ name: String, _ help: String, bounds: [String], buckets: [[Int]], sum: String
    ) {
        line("# HELP \(name) \(help)")
        line("# TYPE \(name) histogram")
        var cumulative = 0
        for (index, bound) in (bounds + ["+Inf"]).enumerated() {
            cumulative += buckets.reduce(0) { $0 + $1[index] }
            line("\(name)_bucket{le=\"\(bound)\"} \(cumulative)")
        }
        line("\(name)_sum \(sum)")
        line("\(name)_count \(cumulative)")
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        metric(name, help, "gauge", value)
    }

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        metric(name, help, "counter", value)
    }

    private mutating func metric(_ name: String, _ help: String, _ type: String, _ value: Int) {
        line("# HELP \(name) \(help)")
        line("# TYPE \(name) \(type)")
        line("\(name) \(value)")
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }
}

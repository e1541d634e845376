import Basics
import Glibc
import JSON

// The report for programs: one line of JSON a run.
extension Report {
    func jsonLine(at time: Timestamp) -> [UInt8] {
        var json = JSONWriter(reserving: 2_048)
        json.object { json in
            json.field("scenario", scenario)
            if let label { json.field("label", label) }
            json.field("at", time.rfc3339)
            json.field("verdict", verdict)
            json.field(
                "machine",
                object: { json in
                    json.field("processor", machine.processor)
                    json.field("cores", machine.cores)
                    json.field("kernel", machine.kernel)
                    json.field("open_files", machine.openFiles)
                    json.field("commit", machine.commit)
                })
            json.field(
                "parameters",
                object: { json in
                    for parameter in parameters { json.field(parameter.name, parameter.value) }
                })
            json.field(
                "metrics",
                object: { json in
                    for metric in metrics {
                        switch metric.value {
                        case .count(let count): json.field(metric.key, count)
                        case .number(let number): json.field(metric.key, number)
                        }
                    }
                })
            json.field("flaws", array: { json in for flaw in flaws { json.string(flaw) } })
            json.field("missed", array: { json in for miss in missed { json.string(miss) } })
        }
        return json.bytes + [UInt8(ascii: "\n")]
    }

    /// Appends the line to a file, which is made if need be; false when it cannot be written.
    func append(to path: String, at time: Timestamp) -> Bool {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let line = jsonLine(at: time)
        return write(descriptor, line, line.count) == line.count
    }
}

// What people in courses found, in the figures all their scenarios share.
extension Courses {
    func addCounts(to report: inout Report) {
        report.metrics += [
            Metric("joined", "connections joined", crowd.joinedCount),
            Metric("sent", "messages sent", sentCount),
            Metric("acknowledged", "acknowledged", acknowledged),
            Metric("repeats", "answered as repeats", repeats),
            Metric("retries", "put off by the server", retries.values.reduce(0, +)),
            Metric("resent", "waited for a return to be sent", resent),
            Metric("deliveries", "deliveries", deliveries),
        ]
        report.add(totals)
    }

    /// How joins with a position were answered. A gap is told, and its messages can be paged
    /// through, but this client does not: the ledger shows them as lost.
    func addReturns(to report: inout Report) {
        report.metrics += [
            Metric("resumed", "topics resumed", verdicts["resumed"] ?? 0),
            Metric("gaps", "gaps told", (verdicts["gap"] ?? 0) + lateGaps),
            Metric("resets", "resets told", verdicts["reset"] ?? 0),
            Metric("join_retries", "joins put off by the server", crowd.joinRetries),
        ]
        for (verdict, count) in verdicts where !["resumed", "gap", "reset"].contains(verdict) {
            report.flaws.append("\(count) joins with a position were answered \(verdict)")
        }
    }

    func addLatencies(to report: inout Report) {
        report.addLatency("ack", "ack", ackLatency)
        report.addLatency("delivery", "delivery", deliveryLatency)
        report.add(timeline)
    }

    func addFlaws(to report: inout Report) {
        report.flaws += Validity.flaws(of: crowd)
        for (reason, count) in refusals.sorted(by: { $0.key < $1.key }) {
            report.flaws.append("\(count) × \(reason)")
        }
        let limited = retries["rate_limited"] ?? 0
        if limited * 100 > sentCount {
            report.flaws.append(
                "\(limited) messages met the limits for one person: use more people or courses, "
                    + "or a lower --rate")
        }
        if unacknowledgedCount > 0 {
            report.missed.append("\(unacknowledgedCount) messages were never answered")
        }
        let missing = crowd.fleet.clients.count - crowd.joinedCount
        if missing > 0, crowd.refusals["no_such_course"] ?? crowd.refusals["not_enrolled"] != nil {
            report.flaws.append("the server does not know them: \(plan.preparation)")
        }
    }
}

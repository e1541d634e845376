// What a chat run found.
extension ChatRun {
    func fill(_ report: inout Report) {
        var totals = LedgerTotals()
        for seat in seats {
            if let ledger = seat.ledger { totals.add(ledger, through: heads[seat.course]) }
        }
        report.metrics += [
            Metric("joined", "connections joined", crowd.joinedCount),
            Metric("join_p99_ms", "join p99", crowd.joinLatency.percentile(99).inMs, "ms"),
            Metric("sent", "messages sent", sentCount),
            Metric("acknowledged", "acknowledged", acknowledged),
            Metric("repeats", "answered as repeats", repeats),
            Metric("retries", "sent again", retries.values.reduce(0, +)),
            Metric("deliveries", "deliveries", deliveries),
        ]
        report.add(totals)
        let cpu = addUsage(to: &report)
        report.addLatency("ack", "ack", ackLatency)
        report.addLatency("delivery", "delivery", deliveryLatency)
        addFlaws(to: &report)
        if unacknowledgedCount > 0 {
            report.missed.append("\(unacknowledgedCount) messages were never answered")
        }
        report.judge(scenario.common, latency: ackLatency, ledger: totals, cpuPerMillion: cpu)
    }

    private func addUsage(to report: inout Report) -> Double? {
        guard let usage = sendingUsage else { return nil }
        report.metrics.append(
            Metric(
                "acknowledged_per_second", "acknowledged a second",
                Double(acknowledgedInTime) / usage.seconds, "1/s"))
        report.add(usage)
        if let beforeConnecting, let whenJoined {
            report.addConnectionCosts(
                before: beforeConnecting, after: whenJoined, connections: crowd.joinedCount)
        }
        guard let cpu = usage.serverCPUSeconds, deliveries > 0 else { return nil }
        report.metrics.append(
            Metric(
                "cpu_us_per_message", "server's CPU per message",
                cpu / Double(max(1, acknowledgedInTime)) * 1e6, "µs"))
        return cpu / Double(deliveries) * 1e6
    }

    private func addFlaws(to report: inout Report) {
        report.flaws += Validity.flaws(of: crowd)
        report.flaws += Validity.flaws(
            published: sentCount, intended: scenario.isClosedLoop ? 0 : scenario.messages,
            lateness: lateness, mostLatenessMs: scenario.common.mostLatenessMs,
            generatorShare: sendingUsage?.generatorShare ?? 0)
        for (reason, count) in refusals.sorted(by: { $0.key < $1.key }) {
            report.flaws.append("\(count) × \(reason)")
        }
        let limited = retries["rate_limited"] ?? 0
        if limited * 100 > sentCount {
            report.flaws.append(
                "\(limited) messages met the limits for one person: use more --rooms, --members "
                    + "or --people")
        }
    }
}

import Testing

@testable import EventLoop

@Suite struct ProcessLimitsTests {
    @Test func `the limit of open files is raised to the hard one, and stays there`() {
        let first = ProcessLimits.raiseOpenFiles()
        let second = ProcessLimits.raiseOpenFiles()
        #expect(first.soft == first.hard)
        #expect(first == second)
    }

    @Test func `resident memory grows with what is touched`() {
        let before = ProcessLimits.residentBytes
        let touched = [UInt8](repeating: 1, count: 64 << 20)
        let after = ProcessLimits.residentBytes
        #expect(before > 1 << 20)
        // Half, because other tests give memory back meanwhile.
        #expect(after - before > touched.count / 2)
    }

    @Test func `processor time grows with work`() {
        let before = ProcessLimits.cpuSeconds
        spin(for: .milliseconds(20))
        let after = ProcessLimits.cpuSeconds
        #expect(after > before)
    }
}

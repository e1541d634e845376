import Foundation
import TestSimulation
import Testing

/// The promises under everything that goes wrong, by seed. `SEEDS=5000` runs more of them,
/// `SEED=42` one, and
/// `TRACE=1` prints what its lines say. Dictionaries are walked in another order in every process
/// unless `SWIFT_DETERMINISTIC_HASHING=1` is set: with it a seed is the same run every time.
@Suite struct StormTests {
    private static let seeds: Range<UInt64> = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["SEED"].flatMap(UInt64.init) { return seed..<seed + 1 }
        return 0..<(environment["SEEDS"].flatMap(UInt64.init) ?? 200)
    }()

    @Test(arguments: seeds) func `every promise holds in every storm`(seed: UInt64) {
        let storm = Storm(seed: seed)
        storm.world.traces = ProcessInfo.processInfo.environment["TRACE"] != nil
        storm.run()
        let violations = storm.world.violations
        #expect(violations.isEmpty, "seed \(seed): \(violations.joined(separator: "\n"))")
    }
}

/// What time it is, for those who may ask: a loop reads the machine's clocks, a simulation
/// invents them.
///
/// Machines of the engine never hold one; time is a parameter there.
package protocol Clock: AnyObject {
    /// The monotonic time; stands still within a turn.
    var now: Instant { get }
    /// The civil time.
    var wallClock: Timestamp { get }
}

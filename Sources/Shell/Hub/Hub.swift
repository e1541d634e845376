package import Basics
package import PubSub
import Resume
package import RoomContract

/// One loop's share of the server: an ``Edge`` for its connections, a ``Home`` for its topics.
///
/// It decides and remembers; sockets, clocks and threads are its owner's. The same hub runs in the
/// server, under the gateway, and in the simulation, under a seeded network.
///
/// The owner calls in, then ``turnEnded()``, then sends what ``Edge/flush(_:)`` hands it. Confined
/// to one loop.
package final class Hub {
    package let edge: Edge
    package let home: Home
    private let loop: Int
    private let local = LocalMail()

    /// Mail of this loop to itself: delivered in this turn, in order.
    private final class LocalMail {
        var waiting: [Mail] = []
    }

    /// What the owner gives a hub.
    package struct Surroundings {
        package let loop: Int
        package let loops: Int
        package let catalog: RoomCatalog
        package let storage: HubStorage
        package let budget: OutboxBudget
        package let graceOfPresence: Duration
        package let clock: any Clock
        /// For keys that must not repeat; not for secrets.
        package let seed: UInt64
        package let log: Log
        /// Sends mail to another loop.
        package let post: (Int, Mail) -> Void
        /// Checks an access token that comes inside a message.
        package let verify: (String) -> Result<Identity, Refusal>
        /// Ends a connection; the owner then calls ``Edge/closed(_:onPurpose:)``.
        package let end: (UInt32, CloseReason) -> Void

        package init(
            loop: Int, loops: Int, catalog: RoomCatalog, storage: HubStorage,
            budget: OutboxBudget, graceOfPresence: Duration, clock: any Clock, seed: UInt64,
            log: Log,
            post: @escaping (Int, Mail) -> Void,
            verify: @escaping (String) -> Result<Identity, Refusal>,
            end: @escaping (UInt32, CloseReason) -> Void
        ) {
            self.loop = loop
            self.loops = loops
            self.catalog = catalog
            self.storage = storage
            self.budget = budget
            self.graceOfPresence = graceOfPresence
            self.clock = clock
            self.seed = seed
            self.log = log
            self.post = post
            self.verify = verify
            self.end = end
        }
    }

    /// A hub whose mail to itself stays on its loop.
    package init(_ surroundings: Surroundings) {
        loop = surroundings.loop
        let local = local
        let own = surroundings.loop
        let send = { (to: Int, mail: Mail) in
            if to == own { local.waiting.append(mail) } else { surroundings.post(to, mail) }
        }
        edge = Edge(
            loop: own, loops: surroundings.loops, catalog: surroundings.catalog,
            storage: surroundings.storage, budget: surroundings.budget, clock: surroundings.clock,
            seed: surroundings.seed, log: surroundings.log, post: { send($0, .toHome($1)) },
            verify: surroundings.verify, end: surroundings.end)
        home = Home(
            loop: own, loops: surroundings.loops, catalog: surroundings.catalog,
            storage: surroundings.storage, clock: surroundings.clock,
            graceOfPresence: surroundings.graceOfPresence,
            generation: UInt32(truncatingIfNeeded: surroundings.seed), log: surroundings.log,
            post: { send($0, .toEdge($1)) })
    }

    /// Takes mail of another loop, or of storage.
    package func receive(_ mail: Mail) {
        switch mail {
        case .toHome(let mail): home.receive(mail)
        case .toEdge(let mail): edge.receive(mail)
        }
    }

    /// Does what the turn led to; afterwards ``Edge/flush(_:)`` sends it.
    package func turnEnded() {
        repeat {
            deliverLocalMail()
            home.turnEnded()
        } while !local.waiting.isEmpty
        edge.turnEnded()
    }

    /// True while there is more to do at once: a long walk, or what sending led to.
    package var hasWork: Bool { edge.hasWork || !local.waiting.isEmpty }

    private func deliverLocalMail() {
        while !local.waiting.isEmpty {
            let batch = local.waiting
            local.waiting = []
            for mail in batch { receive(mail) }
        }
    }
}

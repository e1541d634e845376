package import EventLoop

extension EventLoop {
    /// Runs the loop on this thread until `start`'s completion is called, and returns what it was
    /// given. Ends the process after `patience`, which is for a test that hangs, not for timing.
    package func wait<Value>(
        patience: Duration = .seconds(60), _ start: (@escaping (Value) -> Void) -> Void
    ) -> Value {
        var answer: Value?
        start { value in
            answer = value
            self.stop()
        }
        let limit = schedule(after: patience) { fatalError("no answer within \(patience)") }
        while answer == nil { run() }
        limit.cancel()
        guard let answer else { fatalError("the loop above ends only with an answer") }
        return answer
    }

    /// Runs the loop on this thread until `condition` holds, which is asked after every 5 ms.
    package func wait(
        patience: Duration = .seconds(60), until condition: @escaping () -> Bool
    ) {
        let _: Bool = wait(patience: patience) { completion in
            ask(condition, completion)
        }
    }

    private func ask(_ condition: @escaping () -> Bool, _ completion: @escaping (Bool) -> Void) {
        guard !condition() else {
            completion(true)
            return
        }
        schedule(after: .milliseconds(5)) { self.ask(condition, completion) }
    }
}

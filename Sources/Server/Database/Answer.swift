import EventLoop

/// Asks something asynchronous on a loop of its own and blocks until it is answered: for the
/// operator's commands, which do one thing after another.
///
/// `ask` begins the work and returns what ends it; that is called after the answer.
func answer<Value>(
    _ ask: (EventLoop, @escaping (Value) -> Void) -> () -> Void
) -> Value {
    let loop = EventLoop()
    defer { loop.close() }
    var answer: Value?
    let end = ask(loop) { value in
        answer = value
        loop.stop()
    }
    loop.run()
    end()
    guard let answer else { preconditionFailure("the loop went idle without an answer") }
    return answer
}

/// What people in courses tell, on their loop. What a scenario does not need it leaves out.
protocol CoursesOwner: AnyObject {
    /// Everybody has come in for the first time, was refused, or has gone; once.
    func coursesAreReady()

    /// Somebody is in all courses again, or was refused somewhere.
    func clientSettled(_ client: Client)

    /// Somebody's connection ended by itself.
    func clientLeft(_ client: Client)

    /// A message was committed; `now` is when we heard of it.
    func messageAcknowledged(at now: Int64)

    /// Anything that is neither a message nor an answer to one, with the name of its event.
    func eventReceived(_ client: Client, _ name: String, _ text: [UInt8], at now: Int64)
}

extension CoursesOwner {
    func clientSettled(_ client: Client) {}
    func clientLeft(_ client: Client) {}
    func messageAcknowledged(at now: Int64) {}
    func eventReceived(_ client: Client, _ name: String, _ text: [UInt8], at now: Int64) {}
}

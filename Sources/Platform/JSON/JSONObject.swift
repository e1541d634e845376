/// The members of a JSON object in the order of the text.
///
/// Names may repeat, as RFC 8259 §4 allows; looking up finds the last, as JavaScript does.
/// Equality compares members in order.
package struct JSONObject: Equatable, Sendable {
    /// A name and its value.
    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// All members, repeated names included.
    package private(set) var members: [Member]

    package init(_ members: [Member] = []) {
        self.members = members
    }

    /// Setting replaces every member of that name, or appends one; setting nil removes them.
    package subscript(name: String) -> JSONValue? {
        get { members.last { $0.name == name }?.value }
        set {
            guard let newValue else {
                members.removeAll { $0.name == name }
                return
            }
            let place = members.firstIndex { $0.name == name } ?? members.endIndex
            members.removeAll { $0.name == name }
            members.insert(Member(name: name, value: newValue), at: place)
        }
    }
}

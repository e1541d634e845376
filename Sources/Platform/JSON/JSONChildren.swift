/// Walks the children of an array or an object; `name` is nil in arrays.
package struct JSONChildren: Sequence, IteratorProtocol {
    /// A member's name, nil in arrays, and a child.
    package typealias Element = (name: JSONElement?, value: JSONElement)

    private let container: JSONElement
    private let isNamed: Bool
    private var index: Int
    private let end: Int

    init(of container: JSONElement, named: Bool) {
        self.container = container
        isNamed = named
        index = container.index + 1
        // The word before the container's successor is its closing bracket.
        end = container.next - 1
    }

    init(emptyAt element: JSONElement) {
        container = element
        isNamed = false
        index = 0
        end = 0
    }

    /// The next child. Cost: constant, however large the child is.
    package mutating func next() -> Element? {
        guard index < end else { return nil }
        var name: JSONElement?
        if isNamed {
            name = at(index)
            index += 1
        }
        let value = at(index)
        index = value.next
        return (name, value)
    }

    private func at(_ index: Int) -> JSONElement {
        JSONElement(parser: container.parser, generation: container.generation, index: index)
    }
}

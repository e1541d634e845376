/// A list that keeps its first element in its owner's own memory, for lists that mostly have one:
/// most people are in one topic, and an array of one costs 48 bytes beside its element.
struct FirstInPlace<Element>: RandomAccessCollection, MutableCollection,
    RangeReplaceableCollection
{
    private var first: Element?
    /// All but the first; empty while there is none.
    private var others: [Element] = []

    init() {}

    var startIndex: Int { 0 }
    var endIndex: Int { first == nil ? 0 : 1 + others.count }

    subscript(index: Int) -> Element {
        get {
            if index > 0 { return others[index - 1] }
            guard let first else { preconditionFailure("the list is empty") }
            return first
        }
        set {
            if index > 0 { others[index - 1] = newValue } else { first = newValue }
        }
    }

    /// Cost: linear, as a whole; the lists it is meant for have a handful of elements.
    mutating func replaceSubrange(
        _ range: Range<Int>, with elements: some Collection<Element>
    ) {
        var all = Array(self)
        all.replaceSubrange(range, with: elements)
        first = all.first
        others = Array(all.dropFirst())
    }

    /// Without the detour of ``replaceSubrange(_:with:)``. Cost: as an array's.
    mutating func append(_ element: Element) {
        if first == nil { first = element } else { others.append(element) }
    }
}

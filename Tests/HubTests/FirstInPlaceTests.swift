import Basics
import Testing

@testable import Hub

@Suite struct FirstInPlaceTests {
    @Test(arguments: 0..<100 as Range<UInt64>)
    func `it holds what an array would hold`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var list = FirstInPlace<Int>()
        var array: [Int] = []
        for step in 0..<60 {
            let place = array.indices.randomElement(using: &random)
            switch (Int.random(in: 0..<5, using: &random), place) {
            case (0, _), (1, _):
                list.append(step)
                array.append(step)
            case (2, let place?):
                list[place] = -step
                array[place] = -step
            case (3, let place?):
                let removed = list.remove(at: place)
                let expected = array.remove(at: place)
                #expect(removed == expected, "seed \(seed)")
            case (4, let place?):
                let number = array[place]
                list.removeAll { $0 == number }
                array.removeAll { $0 == number }
            default: break
            }
            #expect(Array(list) == array, "seed \(seed)")
            #expect(list.count == array.count, "seed \(seed)")
            #expect(list.isEmpty == array.isEmpty, "seed \(seed)")
        }
    }
}

import Phoenix
import Testing

@testable import Hub

@Suite struct DialectTests {
    @Test func `every combination has a number of its own`() {
        var numbers: Set<UInt8> = []
        for version in WireVersion.allCases {
            for isAlias in [false, true] {
                for isCompressed in [false, true] {
                    let dialect = Dialect(
                        version: version, isAlias: isAlias, isCompressed: isCompressed)
                    #expect(dialect.version == version)
                    #expect(dialect.isAlias == isAlias)
                    #expect(dialect.isCompressed == isCompressed)
                    numbers.insert(dialect.rawValue)
                }
            }
        }
        #expect(numbers.count == Dialect.count)
        #expect(numbers.allSatisfy { Int($0) < Dialect.count })
    }
}

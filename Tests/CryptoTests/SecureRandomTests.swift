import Testing

@testable import Crypto

@Suite struct SecureRandomTests {
    @Test func `as many bytes as asked for, and never the same`() {
        let lengths = [0, 1, 16, 1_000].map { SecureRandom.bytes($0).count }
        let distinct = Set((0..<100).map { _ in SecureRandom.bytes(16) }).count
        #expect(lengths == [0, 1, 16, 1_000])
        #expect(distinct == 100)
    }

    @Test func `a UUID has the form and the marks of version 4`() {
        let uuids = (0..<100).map { _ in SecureRandom.uuid4() }
        let wellFormed = uuids.filter {
            $0.wholeMatch(
                of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
        }
        #expect(wellFormed.count == 100)
        #expect(Set(uuids).count == 100)
    }
}

import Testing

@testable import Resume

@Suite("Positions")
struct PositionTests {
    @Test(arguments: ["k3x9-0", "k3x9-17", "0-9223372036854775807", "abcdefghij012345-1"])
    func `a position is read and written alike`(text: String) {
        #expect(Position(text)?.description == text)
    }

    @Test(arguments: [
        "", "-", "k3x9", "k3x9-", "-17", "k3x9--1", "k3x9-1.5", "k3x9-1 ", " k3x9-1", "K3X9-1",
        "k3-x9-1", "k3x9-9223372036854775808", "k3x9-99999999999999999999999", "k3x9-0x10", "é-1",
        "abcdefghij0123456-1",
    ])
    func `anything else is refused`(text: String) {
        #expect(Position(text) == nil)
    }

    @Test
    func `a sign or leading zeros do not make a second spelling`() {
        #expect(Position("k3x9-+1") == nil)
        #expect(Position("k3x9-01") == nil)
    }

    @Test
    func `a substring is read like a string`() {
        let text = "k3x9-17/rest"
        #expect(Position(text.prefix(7))?.seq == 17)
    }

    @Test
    func `an epoch has 1 to 16 characters`() {
        #expect(Epoch("") == nil)
        #expect(Epoch("0123456789abcdef") != nil)
        #expect(Epoch("0123456789abcdefg") == nil)
    }
}

import Phoenix
import Testing

@Suite("Wire version")
struct WireVersionTests {
    @Test(arguments: [
        (nil, WireVersion.v1), ("1.0.0", .v1), ("1.0.7", .v1), ("2.0.0", .v2), ("2.0.11", .v2),
        ("2.0.0+build.5", .v2),
    ])
    func `a version Phoenix accepts is accepted`(vsn: String?, expected: WireVersion) {
        let version = WireVersion(vsn: vsn)
        #expect(version == expected)
    }

    @Test(arguments: [
        "", "1", "2.0", "1.1.0", "2.1.0", "3.0.0", "0.0.0", "2.0.0-rc.1", "2.0.x", "2.0.00",
        "02.0.0", " 2.0.0", "2.0.0.0", "2..0", "+", "-2.0.0", "2.0.٣",
    ])
    func `any other version is refused`(vsn: String) {
        let version = WireVersion(vsn: vsn)
        #expect(version == nil)
    }
}

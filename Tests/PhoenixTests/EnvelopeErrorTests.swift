import JSON
import Testing

@testable import Phoenix

@Suite("Envelope error")
struct EnvelopeErrorTests {
    private let address = Envelope.Address(joinRef: nil, ref: "secret", topic: "secret")

    @Test func `every reason differs and repeats nothing the peer sent`() {
        var errors: [EnvelopeError] = [
            .unstorableText(address), .notAnArray, .notAnObject, .binaryOnV1, .truncatedBinary,
            .unknownBinaryKind(5), .unknownEncoding(5),
        ]
        errors += JSONError.allCases.filter { $0 != .unstorableText }
            .map(EnvelopeError.malformed)
        for field in EnvelopeError.Field.allCases {
            errors += [
                .missingField(field), .wrongType(field), .tooLong(field), .invalidUTF8(field),
            ]
        }
        let reasons = errors.map(\.reason)
        #expect(Set(reasons).count == reasons.count)
        let leaks = reasons.contains { $0.contains("secret") }
        #expect(!leaks)
    }

    @Test func `the published limits hold`() {
        #expect(EnvelopeError.Field.topic.maximumBytes == 255)
        #expect(EnvelopeError.Field.event.maximumBytes == 255)
        #expect(EnvelopeError.Field.ref.maximumBytes == 64)
        #expect(EnvelopeError.Field.joinRef.maximumBytes == 64)
    }
}

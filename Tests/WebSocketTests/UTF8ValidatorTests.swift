import Basics
import Testing

@testable import WebSocket

@Suite("RFC 3629 §4")
struct UTF8ValidatorTests {
    private func agrees(_ bytes: [UInt8]) -> Bool {
        UTF8Validator.isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil)
    }

    @Test func `every sequence of one and two bytes is judged as the standard library does`() {
        for first in UInt8.min...UInt8.max {
            #expect(agrees([first]))
            for second in UInt8.min...UInt8.max { #expect(agrees([first, second])) }
        }
    }

    @Test func `longer sequences at every border are judged as the standard library does`() {
        let borders: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
            0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var disagreements = 0
        for first in borders {
            for second in borders {
                for third in borders {
                    if !agrees([first, second, third]) { disagreements += 1 }
                    for fourth in borders where !agrees([first, second, third, fourth]) {
                        disagreements += 1
                    }
                }
            }
        }
        #expect(disagreements == 0)
    }

    @Test func `mixed text is judged the same in any two pieces`() {
        let text = Array("plain ascii text, then κόσμε 😀 and plain again".utf8)
        for index in text.indices {
            var validator = UTF8Validator()
            let first = text[..<index].withUnsafeBytes { validator.append($0) }
            let second = text[index...].withUnsafeBytes { validator.append($0) }
            #expect(first && second && validator.isComplete)
        }
    }

    @Test func `the first wrong byte is found at once`() {
        var validator = UTF8Validator()
        let valid = Array("κό".utf8) + [0xF4]
        let accepted = valid.withUnsafeBytes { validator.append($0) }
        #expect(accepted)
        #expect(!validator.isComplete)
        let beyond: [UInt8] = [0x90]
        let continues = beyond.withUnsafeBytes { validator.append($0) }
        #expect(!continues)
    }
}

import RoomContract
import Testing

@testable import Hub

/// Protocol/README.md §8.
@Suite struct RefusalTests {
    @Test func `a refusal names itself, its number and its reason`() {
        let refusal = text(Refusal(.tooLarge, "too big").encoded(forAlias: false))
        #expect(refusal == #"{"reason":"too_large","code":1007,"message":"too big"}"#)
    }

    @Test func `a temporary one says when to come back`() {
        let refusal = text(
            Refusal(.busy, "wait", retryAfterMs: 50).encoded(forAlias: false))
        #expect(
            refusal == #"{"reason":"busy","code":2001,"message":"wait","retry_after_ms":50}"#)
    }

    @Test func `Supabase's clients read the reason before a colon`() {
        let refusal = text(Refusal(.notEnrolled, "no").encoded(forAlias: true))
        #expect(refusal == #"{"reason":"Unauthorized: no","code":1005,"message":"no"}"#)
    }
}

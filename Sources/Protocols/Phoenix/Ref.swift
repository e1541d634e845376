/// What a client calls one of its messages (`ref`) or one of its joins (`join_ref`).
///
/// phoenix.js and the Supabase clients send strings; hand-written clients also send integers.
/// A reply carries the same JSON value back, because such a client compares it as it sent it.
package enum Ref: Hashable, Sendable, CustomStringConvertible {
    case text(String)
    case integer(Int64)

    /// How long a text may be.
    ///
    /// 64 bytes hold a UUID with room to spare; phoenix.js counts from 1. The join's ref is
    /// kept in memory for as long as the join. `EnvelopeDecoderTests` pins both sides.
    package static let maximumBytes = 64

    /// The ref as binary frames carry it.
    package var description: String {
        switch self {
        case .text(let text): text
        case .integer(let integer): integer.description
        }
    }
}

extension Ref: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self = .text(text) }
}

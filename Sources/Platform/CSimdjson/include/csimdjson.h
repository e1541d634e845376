#pragma once
// A C face on simdjson's DOM parser. The DOM, because it validates the whole document, UTF-8
// included; On-Demand does not look at what it skips, so its slices could not be relayed.
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson_parser csimdjson_parser;

typedef enum csimdjson_result {
    CSIMDJSON_OK = 0,
    CSIMDJSON_MALFORMED,
    CSIMDJSON_TOO_DEEP,
    CSIMDJSON_TOO_LARGE,
    CSIMDJSON_INVALID_UTF8,
    CSIMDJSON_EMPTY,
    /// A string holds a bad escape: not JSON at all, or an escaped lone surrogate.
    CSIMDJSON_BAD_STRING,
    CSIMDJSON_OUT_OF_MEMORY,
} csimdjson_result;

/// One parser with its buffers, to be reused. NULL when memory is out.
///
/// `kept_bytes`: buffers that grew beyond it for one large document are given back at the next
/// document that fits it. Never used by two threads at once.
csimdjson_parser *csimdjson_create(
    size_t maximum_bytes, size_t maximum_depth, size_t kept_bytes);
void csimdjson_destroy(csimdjson_parser *parser);

/// Parses and validates one document; copies the input, which needs no padding.
csimdjson_result csimdjson_parse(csimdjson_parser *parser, const uint8_t *bytes, size_t length);

/// The largest document the buffers have room for now.
size_t csimdjson_capacity(const csimdjson_parser *parser);

/// The document last parsed, as simdjson's tape (doc/tape.md in simdjson's repository).
/// Valid until the next parse; meaningless after a failed one.
const uint64_t *csimdjson_tape(const csimdjson_parser *parser);
/// What the tape's strings point into: a 4-byte length in the machine's order, then the bytes.
const uint8_t *csimdjson_strings(const csimdjson_parser *parser);

#ifdef __cplusplus
}
#endif

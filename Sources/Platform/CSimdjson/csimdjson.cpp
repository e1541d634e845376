#include "csimdjson.h"

#include <simdjson.h>

#include <new>

using simdjson::dom::parser;

struct csimdjson_parser {
    parser inner;
    size_t maximum_bytes;
    size_t maximum_depth;
    size_t kept_bytes;
};

static csimdjson_result translate(simdjson::error_code code) {
    switch (code) {
    case simdjson::SUCCESS: return CSIMDJSON_OK;
    case simdjson::DEPTH_ERROR: return CSIMDJSON_TOO_DEEP;
    case simdjson::CAPACITY: return CSIMDJSON_TOO_LARGE;
    case simdjson::UTF8_ERROR: return CSIMDJSON_INVALID_UTF8;
    case simdjson::EMPTY: return CSIMDJSON_EMPTY;
    case simdjson::STRING_ERROR: return CSIMDJSON_BAD_STRING;
    case simdjson::MEMALLOC: return CSIMDJSON_OUT_OF_MEMORY;
    default: return CSIMDJSON_MALFORMED;
    }
}

/// A fresh parser; the depth takes effect with the first allocation, so it happens here.
static simdjson::error_code reset(csimdjson_parser *parser) {
    parser->inner = simdjson::dom::parser(parser->maximum_bytes);
    return parser->inner.allocate(simdjson::dom::MINIMAL_DOCUMENT_CAPACITY, parser->maximum_depth);
}

extern "C" csimdjson_parser *csimdjson_create(
    size_t maximum_bytes, size_t maximum_depth, size_t kept_bytes) {
    auto *parser = new (std::nothrow) csimdjson_parser{
        simdjson::dom::parser(maximum_bytes), maximum_bytes, maximum_depth, kept_bytes};
    if (parser && reset(parser)) {
        delete parser;
        return nullptr;
    }
    return parser;
}

extern "C" void csimdjson_destroy(csimdjson_parser *parser) { delete parser; }

extern "C" csimdjson_result csimdjson_parse(
    csimdjson_parser *parser, const uint8_t *bytes, size_t length) {
    if (length > parser->maximum_bytes) return CSIMDJSON_TOO_LARGE;
    if (length == 0) return CSIMDJSON_EMPTY;
    if (parser->inner.capacity() > parser->kept_bytes && length <= parser->kept_bytes) {
        if (auto code = reset(parser)) return translate(code);
    }
    return translate(parser->inner.parse(bytes, length, true).error());
}

extern "C" size_t csimdjson_capacity(const csimdjson_parser *parser) {
    return parser->inner.capacity();
}

extern "C" const uint64_t *csimdjson_tape(const csimdjson_parser *parser) {
    return parser->inner.doc.tape.get();
}

extern "C" const uint8_t *csimdjson_strings(const csimdjson_parser *parser) {
    return parser->inner.doc.string_buf.get();
}

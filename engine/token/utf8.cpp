#include "engine/token/utf8.h"

namespace sotto {

namespace {

struct LeadByte {
    std::size_t length = 0;  // 0: no character begins with this byte
    unsigned char secondLow = 0x80;
    unsigned char secondHigh = 0xBF;
};

// The narrowed second bytes exclude overlong forms, surrogates and values above U+10FFFF.
LeadByte classifyLead(unsigned char byte) {
    if (byte >= 0xC2 && byte <= 0xDF) return {2};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};
    if (byte == 0xED) return {3, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF) return {3};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3) return {4};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {};
}

}  // namespace

Utf8Step readUtf8(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {Utf8Kind::Complete, 1, lead};
    const LeadByte shape = classifyLead(lead);
    if (shape.length == 0) return {Utf8Kind::Invalid, 1};

    // 2-byte leads carry 5 bits, 3-byte leads 4, 4-byte leads 3.
    char32_t codePoint = lead & (0x7FU >> shape.length);
    for (std::size_t offset = 1; offset < shape.length; ++offset) {
        if (offset == text.size()) return {Utf8Kind::Incomplete, offset};
        const auto byte = static_cast<unsigned char>(text[offset]);
        const unsigned char low = offset == 1 ? shape.secondLow : 0x80;
        const unsigned char high = offset == 1 ? shape.secondHigh : 0xBF;
        if (byte < low || byte > high) return {Utf8Kind::Invalid, offset};
        codePoint = (codePoint << 6U) | (byte & 0x3FU);
    }
    return {Utf8Kind::Complete, shape.length, codePoint};
}

std::optional<std::size_t> findInvalidUtf8(std::string_view text) {
    std::size_t offset = 0;
    while (offset < text.size()) {
        if (static_cast<unsigned char>(text[offset]) < 0x80) {
            ++offset;
            continue;
        }
        const Utf8Step step = readUtf8(text.substr(offset));
        if (step.kind != Utf8Kind::Complete) return offset;
        offset += step.length;
    }
    return std::nullopt;
}

void appendUtf8(std::string& out, char32_t codePoint) {
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (codePoint < 0x80) {
        put(codePoint);
    } else if (codePoint < 0x800) {
        put(0xC0U | (codePoint >> 6U));
        put(0x80U | (codePoint & 0x3FU));
    } else if (codePoint < 0x10000) {
        put(0xE0U | (codePoint >> 12U));
        put(0x80U | ((codePoint >> 6U) & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    } else {
        put(0xF0U | (codePoint >> 18U));
        put(0x80U | ((codePoint >> 12U) & 0x3FU));
        put(0x80U | ((codePoint >> 6U) & 0x3FU));
        put(0x80U | (codePoint & 0x3FU));
    }
}

}  // namespace sotto

#include "app/cli/terminal_text.h"

#include <fmt/format.h>

#include <cstddef>

namespace sotto::cli {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The first character of a text.
struct Step {
    bool isValid = true;
    std::size_t nBytes = 1;
    char32_t codePoint = 0;
};

Step readCharacter(std::string_view text) {
    const auto byte = [text](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {true, 1, first};
    const std::size_t nBytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) return {false, 1, 0};
    char32_t codePoint = first & (0x7Fu >> nBytes);
    for (std::size_t index = 1; index < nBytes; ++index) {
        if (index == text.size() || (byte(index) & 0xC0) != 0x80) return {false, index, 0};
        codePoint = codePoint << 6 | (byte(index) & 0x3F);
    }
    // Longer than needed, surrogates, and beyond Unicode.
    const bool isValid = (nBytes != 3 || codePoint >= 0x800) &&
                         (nBytes != 4 || (codePoint >= 0x10000 && codePoint <= 0x10FFFF)) &&
                         (codePoint < 0xD800 || codePoint > 0xDFFF);
    return {isValid, nBytes, codePoint};
}

void appendPicture(std::string& out, char32_t control) {
    // U+2400 to U+241F are pictures of the C0 controls, U+2421 is that of DEL.
    const unsigned picture = control == 0x7F ? 0x21 : static_cast<unsigned>(control);
    out += "\xE2\x90";
    out += static_cast<char>(0x80 | picture);
}

bool isNamed(char32_t codePoint) {
    const bool isC1 = codePoint >= 0x80 && codePoint <= 0x9F;
    const bool isDirection = (codePoint >= 0x202A && codePoint <= 0x202E) ||
                             (codePoint >= 0x2066 && codePoint <= 0x2069);
    return isC1 || isDirection;
}

void append(std::string& out, std::string_view bytes, char32_t codePoint) {
    if (codePoint == '\n' || codePoint == '\t')
        out += bytes;
    else if (codePoint < 0x20 || codePoint == 0x7F)
        appendPicture(out, codePoint);
    else if (isNamed(codePoint))
        out += fmt::format("<U+{:04X}>", static_cast<unsigned>(codePoint));
    else
        out += bytes;
}

}  // namespace

std::string terminalText(std::string_view bytes) {
    std::string shown;
    while (!bytes.empty()) {
        const Step step = readCharacter(bytes);
        const std::string_view character = bytes.substr(0, step.nBytes);
        bytes.remove_prefix(step.nBytes);
        if (!step.isValid)
            shown += kReplacement;
        else if (step.codePoint == '\r' && bytes.starts_with('\n'))
            shown += character;
        else
            append(shown, character, step.codePoint);
    }
    return shown;
}

}  // namespace sotto::cli

#include "engine/token/byte_level.h"

#include <array>

#include "engine/token/utf8.h"

namespace sotto {

namespace {

constexpr char32_t kFirstExtra = 0x100;  // letters of the bytes that are not printable
constexpr char32_t kEndExtra = 0x144;    // 68 of them

constexpr bool isPrintable(unsigned byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Table {
    std::array<char32_t, 256> letters{};                     // of each byte
    std::array<char, kEndExtra - kFirstExtra> extraBytes{};  // of each letter from U+0100
};

constexpr Table makeTable() {
    Table table;
    char32_t next = kFirstExtra;
    for (unsigned byte = 0; byte < 256; ++byte) {
        if (isPrintable(byte)) {
            table.letters[byte] = byte;
        } else {
            table.extraBytes[next - kFirstExtra] = static_cast<char>(byte);
            table.letters[byte] = next++;
        }
    }
    return table;
}

constexpr Table kTable = makeTable();

}  // namespace

std::string bytesOfLetters(std::string_view letters) {
    std::string bytes;
    bytes.reserve(letters.size());
    while (!letters.empty()) {
        const Utf8Step step = readUtf8(letters);
        const char32_t letter = step.codePoint;
        if (step.kind == Utf8Kind::Complete && letter < 0x100 && isPrintable(letter)) {
            bytes += static_cast<char>(letter);
        } else if (step.kind == Utf8Kind::Complete && letter >= kFirstExtra && letter < kEndExtra) {
            bytes += kTable.extraBytes[letter - kFirstExtra];
        } else {
            bytes += letters.substr(0, step.length);
        }
        letters.remove_prefix(step.length);
    }
    return bytes;
}

std::string lettersOfBytes(std::string_view bytes) {
    std::string letters;
    letters.reserve(bytes.size() + bytes.size() / 4);
    for (const char byte : bytes) {
        appendUtf8(letters, kTable.letters[static_cast<unsigned char>(byte)]);
    }
    return letters;
}

}  // namespace sotto

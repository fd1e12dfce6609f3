#include "storage/text_check.h"

namespace sotto::storage {
namespace {

std::size_t sizeOfCharacter(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead < 0xc2 || lead >= 0xf5) return 0;  // no lead byte
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

}  // namespace

std::size_t validTextSize(std::string_view text, Zeros zeros) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (text[at] == 0 && zeros == Zeros::End) return at;
        const std::size_t size = sizeOfCharacter(static_cast<unsigned char>(text[at]));
        if (size == 0 || at + size > text.size()) return at;
        for (std::size_t next = 1; next < size; ++next) {
            if ((static_cast<unsigned char>(text[at + next]) & 0xc0u) != 0x80) return at;
        }
        at += size;
    }
    return at;
}

}  // namespace sotto::storage

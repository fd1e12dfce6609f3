#include "engine/kernels/cuda/kv_blocks.h"

#include <cstdint>
#include <cstring>

#include "engine/kernels/cuda/kv_planes.h"

namespace sotto::cuda {
namespace {

constexpr std::size_t kScaleBytes = sizeof(std::uint16_t);
constexpr std::size_t kFifthBytes = sizeof(std::uint32_t);
constexpr std::size_t kGroupNibbleBytes = kKvBlockElements / 2;

struct GroupForm {
    std::size_t fifths;  // bytes of each part
    std::size_t codes;
    bool isNibbles;
};

GroupForm formOf(KvType type) {
    const bool isNibbles = type == KvType::Q4_0 || type == KvType::Q5_0;
    return {.fifths = type == KvType::Q5_0 ? kFifthBytes : 0,
            .codes = isNibbles ? kGroupNibbleBytes : kKvBlockElements,
            .isNibbles = isNibbles};
}

// Four bits of element e: in the canonical form the low half of byte e, or the high one of byte
// e - 16; on the card as kv_planes.h says, in bytes of a little-endian word.
struct NibblePlace {
    std::size_t byte;
    int shift;
};
constexpr NibblePlace canonicalPlace(std::size_t element) {
    return {element % kGroupNibbleBytes, element < kGroupNibbleBytes ? 0 : 4};
}
constexpr NibblePlace cardPlace(std::size_t element) {
    const std::size_t nibble = element % 8 / 2 + element % 2 * 4;
    return {element / 8 * 4 + nibble / 2, nibble % 2 == 0 ? 0 : 4};
}

void moveNibbles(const std::byte* from, NibblePlace (*fromPlace)(std::size_t), std::byte* to,
                 NibblePlace (*toPlace)(std::size_t)) {
    std::memset(to, 0, kGroupNibbleBytes);
    for (std::size_t element = 0; element < kKvBlockElements; ++element) {
        const NibblePlace source = fromPlace(element), target = toPlace(element);
        to[target.byte] |= (from[source.byte] >> source.shift & std::byte{15}) << target.shift;
    }
}

}  // namespace

void toCanonical(KvType type, std::size_t nGroups, const KvPartBytes& from, std::byte* to) {
    const GroupForm form = formOf(type);
    for (std::size_t group = 0; group < nGroups; ++group) {
        std::memcpy(to, from.scales + group * kScaleBytes, kScaleBytes);
        to += kScaleBytes;
        if (form.fifths > 0) std::memcpy(to, from.fifths + group * form.fifths, form.fifths);
        to += form.fifths;
        const std::byte* const codes = from.codes + group * form.codes;
        if (form.isNibbles)
            moveNibbles(codes, cardPlace, to, canonicalPlace);
        else
            std::memcpy(to, codes, form.codes);
        to += form.codes;
    }
}

void fromCanonical(KvType type, std::size_t nGroups, const std::byte* from, const KvPartBytes& to) {
    const GroupForm form = formOf(type);
    for (std::size_t group = 0; group < nGroups; ++group) {
        std::memcpy(to.scales + group * kScaleBytes, from, kScaleBytes);
        from += kScaleBytes;
        if (form.fifths > 0) std::memcpy(to.fifths + group * form.fifths, from, form.fifths);
        from += form.fifths;
        std::byte* const codes = to.codes + group * form.codes;
        if (form.isNibbles)
            moveNibbles(from, canonicalPlace, codes, cardPlace);
        else
            std::memcpy(codes, from, form.codes);
        from += form.codes;
    }
}

}  // namespace sotto::cuda

// How a cache keeps keys and values: the types, and the bytes of their rows.
//
// A row of a quantized type is whole blocks of 32 elements. Q8_0, Q5_0 and Q4_0 are the blocks of
// that name in GGUF (engine/tensor/dtype.h). The two of eight-bit floats are of the same form as
// Q8_0: a scale as F16, then 32 bytes, each an OCP 8-bit float (Micikevicius et al. 2022, "FP8
// formats for deep learning"), so that an element is scale * float.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sotto {

enum class KvType : std::uint8_t { F16, F32, Q8_0, Q5_0, Q4_0, F8E4M3, F8E5M2 };

// Elements of a quantized row that share a scale.
inline constexpr std::int32_t kKvBlockElements = 32;

// Inlined by force, since code for newer processors asks it too.
__attribute__((always_inline)) constexpr bool isFloat8(KvType type) {
    return type == KvType::F8E4M3 || type == KvType::F8E5M2;
}

// The types of keys and of values, which may differ.
struct KvTypes {
    KvType key = KvType::F16;
    KvType value = KvType::F16;

    bool operator==(const KvTypes&) const = default;
};

struct KvTypeTraits {
    std::string_view name;        // "q8_0", as on the command line and in settings
    std::uint32_t blockElements;  // elements that share a scale; 1: each stands alone
    std::uint32_t blockBytes;
};

const KvTypeTraits& kvTypeTraits(KvType type);

// All, the largest first.
std::span<const KvType> allKvTypes();

// The type of this name, letters of either case; or nothing.
std::optional<KvType> kvTypeFromName(std::string_view name);

// "q8_0", or "q8_0,q5_0" where values have another type than keys; the same read back, or nothing.
std::string kvTypesText(KvTypes types);
std::optional<KvTypes> kvTypesFromText(std::string_view text);

inline bool isQuantized(KvType type) { return kvTypeTraits(type).blockElements > 1; }

// Whether elements have five significant bits or fewer, which small heads do not bear.
bool isCoarse(KvType type);

// Of an element of a key and one of a value.
double bytesOfPair(KvTypes types);

// Bytes of one row of nElements, a multiple of blockElements.
inline std::size_t rowBytes(KvType type, std::size_t nElements) {
    const KvTypeTraits& traits = kvTypeTraits(type);
    return nElements / traits.blockElements * traits.blockBytes;
}

}  // namespace sotto

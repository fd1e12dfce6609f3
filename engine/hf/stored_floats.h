// Numbers of a safetensors file as floats. Pure.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/half.h"
#include "engine/hf/safetensors.h"

namespace sotto {

inline bool isStoredFloat(StoredType type) {
    return type == StoredType::F32 || type == StoredType::F16 || type == StoredType::BF16;
}

// E4M3 as OFP8 has it: no infinities, NaN where all other bits are ones.
inline float fromE4M3(std::uint8_t bits) {
    const float sign = (bits & 0x80) != 0 ? -1.0f : 1.0f;
    const int exponent = bits >> 3 & 0x0f;
    const auto mantissa = static_cast<float>(bits & 7);
    if ((bits & 0x7f) == 0x7f) return std::numeric_limits<float>::quiet_NaN();
    return sign *
           (exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8.0f + mantissa, exponent - 10));
}

// E5M2 is the upper half of a binary16.
inline float fromE5M2(std::uint8_t bits) {
    return toFloat(Half{static_cast<std::uint16_t>(bits << 8)});
}

template <typename T>
T loadStored(std::span<const std::byte> bytes, std::int64_t index) {
    T value;
    std::memcpy(&value, bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
    return value;
}

// Element `index` of a tensor of floats of any width that is not Other; NaN of another type.
inline float storedFloat(const StoredTensor& tensor, std::int64_t index) {
    const auto bits16 = [&] { return loadStored<std::uint16_t>(tensor.bytes, index); };
    const auto bits8 = [&] { return loadStored<std::uint8_t>(tensor.bytes, index); };
    switch (tensor.type) {
        case StoredType::F32: return loadStored<float>(tensor.bytes, index);
        case StoredType::F16: return toFloat(Half{bits16()});
        case StoredType::BF16: return toFloat(BFloat16{bits16()});
        case StoredType::E4M3: return fromE4M3(bits8());
        case StoredType::E5M2: return fromE5M2(bits8());
        default: return std::numeric_limits<float>::quiet_NaN();
    }
}

}  // namespace sotto

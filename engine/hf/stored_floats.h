// Numbers of a safetensors file as floats. Pure.
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "base/half.h"
#include "base/small_floats.h"
#include "engine/hf/safetensors.h"

namespace sotto {

inline bool isStoredFloat(StoredType type) {
    return type == StoredType::F32 || type == StoredType::F16 || type == StoredType::BF16;
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

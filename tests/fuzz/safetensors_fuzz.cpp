// libFuzzer: arbitrary bytes as a safetensors file.
//
// What is taken lies inside the bytes and shares none of them.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "engine/hf/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto tensors = sotto::parseSafetensors(bytes, "fuzz.safetensors");
    if (!tensors) return 0;
    const std::byte* end = bytes.data();
    for (const sotto::StoredTensor& tensor : *tensors) {
        if (tensor.bytes.empty()) continue;
        SOTTO_CHECK(tensor.bytes.data() >= end);
        end = tensor.bytes.data() + tensor.bytes.size();
        SOTTO_CHECK(end <= bytes.data() + bytes.size());
    }
    return 0;
}

// The safetensors format: a length, a JSON object of names, types, shapes and places, then bytes.
//
// Flow: checkpoint maps the files of a folder and parses each here. Every tensor that is given out
// lies inside the bytes, has exactly the bytes of its type and shape, and shares none with another
// one. Views into the parsed bytes. Pure; any thread. Source: the format's own description
// (huggingface/safetensors, README, "Format").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace sotto {

enum class StoredType : std::uint8_t {
    F64,
    F32,
    F16,
    BF16,
    E4M3,
    E5M2,
    I64,
    U64,
    I32,
    U32,
    I16,
    U16,
    I8,
    U8,
    Bool,
    Other,  // known by its name alone
};

struct StoredTensor {
    std::string name;
    StoredType type = StoredType::Other;
    std::string typeName;             // as the file has it
    std::vector<std::int64_t> shape;  // slowest first; empty: one number
    std::span<const std::byte> bytes;

    std::int64_t elementCount() const;
};

// In the order in which they lie in the file. Errors: FileDamaged (what is wrong, by its name).
Result<std::vector<StoredTensor>> parseSafetensors(std::span<const std::byte> bytes,
                                                   const std::string& fileName);

}  // namespace sotto

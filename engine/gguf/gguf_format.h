// Numbers of the GGUF container that the reader and the writer share, and the limits that the
// reader puts on what a file may claim.
//
// Source: ggml docs/gguf.md. The limits are ours: each is far above every published model and low
// enough that a hostile file cannot make the reader allocate more than a small multiple of its
// size.
#pragma once

#include <bit>
#include <cstdint>

namespace sotto {

static_assert(std::endian::native == std::endian::little,
              "GGUF is read and written by copying bytes; a big-endian host needs swaps");

inline constexpr std::uint32_t kGgufMagic = 0x46554747;  // "GGUF" in file order
inline constexpr std::uint32_t kGgufVersion = 3;
inline constexpr std::uint64_t kGgufDefaultAlignment = 32;
inline constexpr std::uint64_t kGgufMinAlignment = 8;
inline constexpr std::uint64_t kGgufMaxAlignment = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kGgufMaxNameBytes = 65535;  // keys (by the format) and tensor names
inline constexpr std::uint32_t kGgufMaxDims = 4;
inline constexpr std::uint64_t kGgufMaxElements = std::uint64_t{1} << 47;  // of one tensor
// The largest models have some thousand tensors and some dozen keys; each costs about 100 bytes.
inline constexpr std::uint64_t kGgufMaxTensors = std::uint64_t{1} << 17;
inline constexpr std::uint64_t kGgufMaxPairs = std::uint64_t{1} << 16;
// All arrays of a file together: 2^25 elements of 8 to 16 bytes in memory. The largest vocabularies
// need three arrays of 2^18.
inline constexpr std::uint64_t kGgufMaxArrayElements = std::uint64_t{1} << 25;

enum class GgufValueType : std::uint32_t {
    U8 = 0,
    I8 = 1,
    U16 = 2,
    I16 = 3,
    U32 = 4,
    I32 = 5,
    F32 = 6,
    Bool = 7,
    String = 8,
    Array = 9,
    U64 = 10,
    I64 = 11,
    F64 = 12,
};

}  // namespace sotto

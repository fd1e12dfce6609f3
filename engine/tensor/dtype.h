// Element and block types of tensors, numbered as in GGUF, with their block geometry.
//
// A row of a quantized tensor is a whole number of blocks; `blockElements` and `blockBytes` say how
// they are cut. Source: the GGUF specification (ggml docs/gguf.md) and the type table of
// ENGINE_NOTES section 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sotto {

// Values are GGUF's tensor type numbers. Only the types listed here are understood; all others are
// refused by name. A switch over it names every type and has no default, so that the compiler finds
// the places that a new type wants.
enum class DType : std::uint32_t {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    IQ2_XXS = 16,
    IQ2_XS = 17,
    IQ3_XXS = 18,
    IQ1_S = 19,
    IQ4_NL = 20,
    IQ3_S = 21,
    IQ2_S = 22,
    IQ4_XS = 23,
    IQ1_M = 29,
    BF16 = 30,
    TQ1_0 = 34,
    TQ2_0 = 35,
    MXFP4 = 39,
    NVFP4 = 40,
    Q1_0 = 41,
    Q2_0 = 42,
};

// The types that no kernel computes with, for switches: `case SOTTO_TYPES_WITHOUT_KERNELS: break;`.
// Their weights become F16 at load (engine/model/unpacked_weight.h).
#define SOTTO_TYPES_WITHOUT_KERNELS                                                        \
    DType::Q2_K : case DType::Q3_K : case DType::IQ2_XXS : case DType::IQ2_XS              \
        : case DType::IQ3_XXS : case DType::IQ1_S : case DType::IQ4_NL : case DType::IQ3_S \
        : case DType::IQ2_S : case DType::IQ4_XS : case DType::IQ1_M : case DType::TQ1_0   \
        : case DType::TQ2_0 : case DType::MXFP4 : case DType::NVFP4 : case DType::Q1_0     \
        : case DType::Q2_0

struct DTypeTraits {
    std::string_view name;        // as in GGUF tools: "Q4_K"
    std::uint32_t blockElements;  // weights per block (1 for plain floats)
    std::uint32_t blockBytes;     // bytes per block
};

const DTypeTraits& dtypeTraits(DType type);

// Every type that is understood, in the order of GGUF's numbers.
std::span<const DType> allDTypes();

// Those that kernels compute with, and whether one is among them.
std::span<const DType> kernelDTypes();
bool hasKernels(DType type);

// Ends the program with the type's name: behind a switch over types, for those that the caller of
// `place` must not pass and for numbers that are none.
[[noreturn]] void unexpectedType(DType type, const char* place);

// The type with this GGUF number, or nothing when this build does not know it.
std::optional<DType> dtypeFromGguf(std::uint32_t number);

// Whether two names of types are the same: letters of either case are.
bool isSameTypeName(std::string_view left, std::string_view right);

// The type with this name (case-insensitive), or nothing.
std::optional<DType> dtypeFromName(std::string_view name);

// The name that GGUF tools give this number, also for types that are not supported ("I32"), or
// "unknown type".
std::string_view ggufTypeName(std::uint32_t number);

// Whether weights share scales in blocks: not of plain floats.
inline bool isInBlocks(DType type) { return dtypeTraits(type).blockElements > 1; }

// Bytes of one row of nElements (a multiple of blockElements).
inline std::size_t rowBytes(DType type, std::size_t nElements) {
    const DTypeTraits& traits = dtypeTraits(type);
    return nElements / traits.blockElements * traits.blockBytes;
}

}  // namespace sotto

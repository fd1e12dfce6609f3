#include "engine/tensor/dtype.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/check.h"

namespace sotto {
namespace {

constexpr std::array kTypes{
    DType::F32,     DType::F16,    DType::Q4_0,    DType::Q4_1,  DType::Q5_0,   DType::Q5_1,
    DType::Q8_0,    DType::Q2_K,   DType::Q3_K,    DType::Q4_K,  DType::Q5_K,   DType::Q6_K,
    DType::IQ2_XXS, DType::IQ2_XS, DType::IQ3_XXS, DType::IQ1_S, DType::IQ4_NL, DType::IQ3_S,
    DType::IQ2_S,   DType::IQ4_XS, DType::IQ1_M,   DType::BF16,  DType::TQ1_0,  DType::TQ2_0,
    DType::MXFP4,   DType::NVFP4,  DType::Q1_0,    DType::Q2_0};

constexpr std::array kKernelTypes{DType::F32,  DType::F16,  DType::Q4_0, DType::Q4_1,
                                  DType::Q5_0, DType::Q5_1, DType::Q8_0, DType::Q4_K,
                                  DType::Q5_K, DType::Q6_K, DType::BF16};

// Names by GGUF number, so that a refused file can say which type it wants. Empty: a number that
// was withdrawn.
constexpr std::array<std::string_view, 43> kGgufNames{
    "F32",     "F16",   "Q4_0",   "Q4_1",  "",      "",       "Q5_0", "Q5_1",    "Q8_0",
    "Q8_1",    "Q2_K",  "Q3_K",   "Q4_K",  "Q5_K",  "Q6_K",   "Q8_K", "IQ2_XXS", "IQ2_XS",
    "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8",   "I16",     "I32",
    "I64",     "F64",   "IQ1_M",  "BF16",  "",      "",       "",     "TQ1_0",   "TQ2_0",
    "",        "",      "",       "MXFP4", "NVFP4", "Q1_0",   "Q2_0"};

}  // namespace

const DTypeTraits& dtypeTraits(DType type) {
    static constexpr DTypeTraits kF32{"F32", 1, 4}, kF16{"F16", 1, 2}, kBF16{"BF16", 1, 2},
        kQ4_0{"Q4_0", 32, 18}, kQ4_1{"Q4_1", 32, 20}, kQ5_0{"Q5_0", 32, 22}, kQ5_1{"Q5_1", 32, 24},
        kQ8_0{"Q8_0", 32, 34}, kQ4_K{"Q4_K", 256, 144}, kQ5_K{"Q5_K", 256, 176},
        kQ6_K{"Q6_K", 256, 210}, kQ2_K{"Q2_K", 256, 84}, kQ3_K{"Q3_K", 256, 110},
        kIQ2_XXS{"IQ2_XXS", 256, 66}, kIQ2_XS{"IQ2_XS", 256, 74}, kIQ3_XXS{"IQ3_XXS", 256, 98},
        kIQ1_S{"IQ1_S", 256, 50}, kIQ4_NL{"IQ4_NL", 32, 18}, kIQ3_S{"IQ3_S", 256, 110},
        kIQ2_S{"IQ2_S", 256, 82}, kIQ4_XS{"IQ4_XS", 256, 136}, kIQ1_M{"IQ1_M", 256, 56},
        kTQ1_0{"TQ1_0", 256, 54}, kTQ2_0{"TQ2_0", 256, 66}, kMXFP4{"MXFP4", 32, 17},
        kNVFP4{"NVFP4", 64, 36}, kQ1_0{"Q1_0", 128, 18}, kQ2_0{"Q2_0", 64, 18};
    switch (type) {
        case DType::F32: return kF32;
        case DType::F16: return kF16;
        case DType::BF16: return kBF16;
        case DType::Q4_0: return kQ4_0;
        case DType::Q4_1: return kQ4_1;
        case DType::Q5_0: return kQ5_0;
        case DType::Q5_1: return kQ5_1;
        case DType::Q8_0: return kQ8_0;
        case DType::Q4_K: return kQ4_K;
        case DType::Q5_K: return kQ5_K;
        case DType::Q6_K: return kQ6_K;
        case DType::Q2_K: return kQ2_K;
        case DType::Q3_K: return kQ3_K;
        case DType::IQ2_XXS: return kIQ2_XXS;
        case DType::IQ2_XS: return kIQ2_XS;
        case DType::IQ3_XXS: return kIQ3_XXS;
        case DType::IQ1_S: return kIQ1_S;
        case DType::IQ4_NL: return kIQ4_NL;
        case DType::IQ3_S: return kIQ3_S;
        case DType::IQ2_S: return kIQ2_S;
        case DType::IQ4_XS: return kIQ4_XS;
        case DType::IQ1_M: return kIQ1_M;
        case DType::TQ1_0: return kTQ1_0;
        case DType::TQ2_0: return kTQ2_0;
        case DType::MXFP4: return kMXFP4;
        case DType::NVFP4: return kNVFP4;
        case DType::Q1_0: return kQ1_0;
        case DType::Q2_0: return kQ2_0;
    }
    unexpectedType(type, "dtypeTraits");
}

std::span<const DType> allDTypes() { return kTypes; }

std::span<const DType> kernelDTypes() { return kKernelTypes; }

bool hasKernels(DType type) {
    return std::find(kKernelTypes.begin(), kKernelTypes.end(), type) != kKernelTypes.end();
}

void unexpectedType(DType type, const char* place) {
    const auto number = static_cast<std::uint32_t>(type);
    const std::string problem = std::string(place) + " does not know tensor type " +
                                std::string(ggufTypeName(number)) + " (number " +
                                std::to_string(number) + ')';
    checkFailed(__FILE__, __LINE__, problem.c_str());
}

std::optional<DType> dtypeFromGguf(std::uint32_t number) {
    for (const DType type : kTypes)
        if (static_cast<std::uint32_t>(type) == number) return type;
    return std::nullopt;
}

bool isSameTypeName(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return std::toupper(static_cast<unsigned char>(a)) ==
               std::toupper(static_cast<unsigned char>(b));
    });
}

std::optional<DType> dtypeFromName(std::string_view name) {
    for (const DType type : kTypes)
        if (isSameTypeName(name, dtypeTraits(type).name)) return type;
    return std::nullopt;
}

std::string_view ggufTypeName(std::uint32_t number) {
    if (number < kGgufNames.size() && !kGgufNames[number].empty()) return kGgufNames[number];
    return "unknown type";
}

}  // namespace sotto

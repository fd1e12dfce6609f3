#include "engine/tensor/dtype.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sotto {
namespace {

struct Row {
    DType type;
    DTypeTraits traits;
};

constexpr std::array<Row, 8> kTypes{{
    {DType::F32, {"F32", 1, 4}},
    {DType::F16, {"F16", 1, 2}},
    {DType::BF16, {"BF16", 1, 2}},
    {DType::Q8_0, {"Q8_0", 32, 34}},
    {DType::Q4_0, {"Q4_0", 32, 18}},
    {DType::Q4_K, {"Q4_K", 256, 144}},
    {DType::Q5_K, {"Q5_K", 256, 176}},
    {DType::Q6_K, {"Q6_K", 256, 210}},
}};

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
    const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                    [type](const Row& row) { return row.type == type; });
    return found == kTypes.end() ? kTypes.front().traits : found->traits;
}

std::optional<DType> dtypeFromGguf(std::uint32_t number) {
    for (const Row& row : kTypes)
        if (static_cast<std::uint32_t>(row.type) == number) return row.type;
    return std::nullopt;
}

std::optional<DType> dtypeFromName(std::string_view name) {
    const auto sameLetter = [](char left, char right) {
        return std::toupper(static_cast<unsigned char>(left)) ==
               std::toupper(static_cast<unsigned char>(right));
    };
    for (const Row& row : kTypes)
        if (std::equal(name.begin(), name.end(), row.traits.name.begin(), row.traits.name.end(),
                       sameLetter))
            return row.type;
    return std::nullopt;
}

std::string_view ggufTypeName(std::uint32_t number) {
    if (number < kGgufNames.size() && !kGgufNames[number].empty()) return kGgufNames[number];
    return "unknown type";
}

}  // namespace sotto

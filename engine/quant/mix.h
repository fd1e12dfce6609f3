// Mixes: which type each tensor gets when a model is quantized under a name of the field
// ("Q4_K_M").
//
// People choose and compare files by these names, so the types must be those that llama-quantize
// gives, tensor by tensor (golden2/mixes.json); everything else about a file may be better than
// its. Pure; any thread. Source: llama-quantize's choices, read off its dry runs, and the notes on
// quantizing of the design.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// clang-format off
enum class Mix : std::uint8_t {
    F32, F16, BF16, Q8_0, Q6_K, Q5_K_M, Q5_K_S, Q5_0, Q5_1, Q4_K_M, Q4_K_S, Q4_0, Q4_1,
    Q3_K_L, Q3_K_M, Q3_K_S, Q2_K, Q2_K_S, IQ4_XS, IQ4_NL, IQ3_M, IQ3_S, IQ3_XS, IQ3_XXS,
    IQ2_M, IQ2_S, IQ2_XS, IQ2_XXS, IQ1_M, IQ1_S, MXFP4_MOE, TQ2_0, TQ1_0,
};
// clang-format on

struct MixTraits {
    Mix mix = Mix::F16;
    std::string_view name;
    DType base = DType::F16;     // of tensors that no rule lifts or lowers
    std::uint32_t fileType = 0;  // general.file_type
};

// From the largest to the smallest.
std::span<const MixTraits> allMixes();
const MixTraits& mixTraits(Mix mix);
// Case-insensitive. "Q3_K", "Q4_K" and "Q5_K" mean their M, as in the field.
std::optional<Mix> mixFromName(std::string_view name);

// What the choices follow from, besides the tensors themselves.
struct MixFacts {
    std::string_view architecture;
    std::int64_t nLayers = 0;  // those of drafts (nextn) included
    std::int64_t nHeads = 0;   // of the first layer
    std::int64_t nKvHeads = 0;
    std::int64_t nExperts = 0;
    bool hasImportance = false;  // there is an importance matrix
};

struct MixTensor {
    std::string_view name;
    std::span<const std::int64_t> shape;  // fastest first
};

struct ChosenType {
    // Nothing: the tensor stays as it is (norms, biases, routers, convolutions, …).
    std::optional<DType> type;
    // What was meant for it, where its rows are no multiple of that type's blocks.
    std::optional<DType> refused;
};

// One for each tensor, in their order.
std::vector<ChosenType> chooseTypes(Mix mix, const MixFacts& facts,
                                    std::span<const MixTensor> tensors);

// Whether a tensor of this name and shape stays as it is in every mix.
bool isKeptAsItIs(const MixTensor& tensor);

// `type`, or what takes its place where `nColumns` is no multiple of its blocks.
DType fittingType(DType type, std::int64_t nColumns);

// Whether importance matrices usually leave the tensor out: it is looked up, or comes behind the
// last norm.
bool isNeverMeasured(std::string_view tensorName);

// Whether a quantizer needs an importance matrix to make this tensor of use at all.
bool isImportanceRequired(Mix mix, std::string_view tensorName, DType type);

// A person's own choice for some tensors: "attn_v=Q8_0". A pattern with * or ? stands for the whole
// name, else for a part of it.
struct KeepRule {
    std::string pattern;
    DType type = DType::F16;

    bool isMatching(std::string_view tensorName) const;
};

// PATTERN=TYPE. Errors: InvalidArgument, with what is wrong.
Result<KeepRule> parseKeepRule(std::string_view text);

}  // namespace sotto

// HfConfig: what a model's config.json says of its shape, as the keys of a GGUF need it.
//
// Flow: hf_model reads one, hf_tensors names and shapes the tensors by it. Plain values, each
// within limits under which no product of three overflows. Source of the keys: ggml docs/gguf.md
// and what files of the field have (read off published ones).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/hf/stored_matrix.h"

namespace sotto {

// How a family calls its feed-forward blocks.
enum class HfExperts : std::uint8_t { None, Mixtral, Qwen };

struct HfRopeScaling {
    std::string type;  // "linear", "yarn", "llama3"; empty: none
    double factor = 1;
    std::int64_t originalContext = 0;  // 0: not said
    double lowFactor = 1;              // llama3
    double highFactor = 4;
};

struct HfConfig {
    std::string architecture;  // as in general.architecture
    bool isPermuted = false;   // rotated pairs are neighbours in a GGUF and half a head apart here
    HfExperts experts = HfExperts::None;

    std::int64_t nLayers = 0;
    std::int64_t nEmbd = 0;
    std::int64_t nFeedForward = 0;
    std::int64_t nHeads = 0;
    std::int64_t nKvHeads = 0;
    std::int64_t headDim = 0;
    bool isHeadDimSaid = false;
    std::int64_t nVocab = 0;
    std::int64_t nContext = 0;
    double normEpsilon = 1e-6;
    double ropeBase = 10000;
    HfRopeScaling ropeScaling;
    std::int64_t nExperts = 0;
    std::int64_t nExpertsUsed = 0;
    std::int64_t nExpertFeedForward = 0;  // 0: as nFeedForward
    std::optional<bool> isExpertNormalized;
    std::optional<bool> isHeadTied;  // not said: whether there is no other head
    HfQuantization quantization;
    // "bos_token_id" and so on; negative: not said.
    std::int64_t bosToken = -1;
    std::int64_t padToken = -1;
    std::vector<std::int64_t> eosTokens;
};

// Errors: those of readJsonFile(), FileDamaged (a value that is missing or out of range, named),
// Unsupported (an architecture or a RoPE scaling that is not known, named).
Result<HfConfig> readHfConfig(const std::filesystem::path& path);

// general.* and <architecture>.*; `name` is general.name.
void addConfigKeys(const HfConfig& config, const std::string& name, GgufWriter& writer);

// The factors of Llama 3's scaling, [headDim / 2]: what rope_freqs.weight holds. Empty with another
// scaling. Source: the definition in Meta's reference code (llama-models, apply_scaling).
std::vector<float> ropeFactors(const HfConfig& config);

}  // namespace sotto

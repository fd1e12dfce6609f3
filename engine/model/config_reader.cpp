#include "engine/model/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

// Far above any model that exists, small enough that products of three stay inside 63 bits.
constexpr std::int64_t kMaxLayers = 4096;
constexpr std::int64_t kMaxHeads = 65536;
constexpr std::int64_t kMaxHeadDim = 8192;
constexpr std::int64_t kMaxWidth = std::int64_t{1} << 24;
constexpr std::int64_t kMaxVocab = std::int64_t{1} << 26;
constexpr std::int64_t kMaxContext = std::int64_t{1} << 31;

struct Range {
    std::int64_t low = 1;
    std::int64_t high = 0;
};

// The keys of one architecture: "llama." + name.
class KeyReader {
public:
    KeyReader(const GgufFile& file, std::string prefix)
        : m_metadata(file.metadata()), m_prefix(std::move(prefix)), m_place(file.path().string()) {}

    std::string full(std::string_view name) const { return m_prefix + std::string(name); }

    tl::unexpected<Error> damaged(std::string message) const {
        return fail(ErrorCode::FileDamaged, std::move(message), m_place);
    }
    tl::unexpected<Error> unsupported(std::string message) const {
        return fail(ErrorCode::Unsupported, std::move(message), m_place);
    }

    Result<std::int64_t> count(std::string_view name, Range range) const {
        const std::string key = full(name);
        if (!m_metadata.has(key)) return damaged(fmt::format("The key '{}' is missing.", key));
        return check(key, m_metadata.integer(key), range);
    }
    Result<std::int64_t> countOr(std::string_view name, Range range, std::int64_t fallback) const {
        const std::string key = full(name);
        if (!m_metadata.has(key)) return fallback;
        return check(key, m_metadata.integer(key), range);
    }
    // One value for all layers, or an array with one per layer.
    Result<std::vector<std::int64_t>> perLayer(std::string_view name, std::int64_t nLayers,
                                               Range range) const {
        const std::string key = full(name);
        const auto values = m_metadata.integers(key);
        if (!values || values->empty())
            return damaged(fmt::format("The key '{}' is missing or not a number.", key));
        std::vector<std::int64_t> result = *values;
        if (result.size() == 1) result.assign(static_cast<std::size_t>(nLayers), result.front());
        if (result.size() != static_cast<std::size_t>(nLayers))
            return damaged(fmt::format("The key '{}' has {} values for {} layers.", key,
                                       result.size(), nLayers));
        for (const std::int64_t value : result) SOTTO_TRY(check(key, value, range));
        return result;
    }
    // Converters write 0 where their source says nothing.
    Result<double> positiveRealOr(std::string_view name, double fallback) const {
        const std::string key = full(name);
        if (!m_metadata.has(key)) return fallback;
        const auto value = m_metadata.real(key);
        if (value == 0.0) return fallback;
        if (!value || !std::isfinite(*value) || *value <= 0)
            return damaged(fmt::format("The key '{}' must be a positive number.", key));
        return *value;
    }
    double realOr(std::string_view name, double fallback) const {
        const auto value = m_metadata.real(full(name));
        return value && std::isfinite(*value) ? *value : fallback;
    }
    bool flagOr(std::string_view name, bool fallback) const {
        return m_metadata.boolean(full(name)).value_or(fallback);
    }
    bool has(std::string_view name) const { return m_metadata.has(full(name)); }
    std::string text(std::string_view name) const {
        return std::string(m_metadata.string(full(name)).value_or(""));
    }

private:
    Result<std::int64_t> check(const std::string& key, std::optional<std::int64_t> value,
                               Range range) const {
        if (!value) return damaged(fmt::format("The key '{}' is not an integer.", key));
        if (*value < range.low || *value > range.high)
            return damaged(fmt::format("The key '{}' is {}; it must be between {} and {}.", key,
                                       *value, range.low, range.high));
        return *value;
    }

    const GgufMetadata& m_metadata;
    std::string m_prefix;
    std::string m_place;
};

Status readRopeScaling(const KeyReader& keys, std::int64_t trainedContext, RopeConfig& rope) {
    const std::string type = keys.text("rope.scaling.type");
    // Files of 2023 have only the bare factor.
    SOTTO_ASSIGN(const double legacyFactor, keys.positiveRealOr("rope.scale_linear", 1.0));
    SOTTO_ASSIGN(rope.factor, keys.positiveRealOr("rope.scaling.factor", legacyFactor));
    if (type == "yarn") {
        rope.scaling = RopeScaling::Yarn;
    } else if (type == "none") {
        rope.scaling = RopeScaling::None;
        rope.factor = 1.0;
    } else if (type.empty() || type == "linear") {
        rope.scaling = rope.factor == 1.0 ? RopeScaling::None : RopeScaling::Linear;
    } else {
        return keys.unsupported(
            fmt::format("The RoPE scaling '{}' ({}) is not supported; linear, yarn and the factors "
                        "of Llama 3 are.",
                        printableName(type), keys.full("rope.scaling.type")));
    }
    SOTTO_ASSIGN(rope.originalContext, keys.countOr("rope.scaling.original_context_length",
                                                    {1, kMaxContext}, trainedContext));
    SOTTO_ASSIGN(rope.attentionFactor, keys.positiveRealOr("rope.scaling.attn_factor", 1.0));
    SOTTO_ASSIGN(rope.betaFast, keys.positiveRealOr("rope.scaling.yarn_beta_fast", 32.0));
    SOTTO_ASSIGN(rope.betaSlow, keys.positiveRealOr("rope.scaling.yarn_beta_slow", 1.0));
    rope.logMultiplier = keys.realOr("rope.scaling.yarn_log_multiplier", 0.0);
    return {};
}

// Head length: its own key, or the embedding cut into heads.
Result<std::int64_t> readHeadDim(const KeyReader& keys, std::int64_t nEmbd, std::int64_t nHeads) {
    if (!keys.has("attention.key_length") && nEmbd % nHeads != 0)
        return keys.damaged(fmt::format("{} heads ({}) do not divide an embedding of {} ({}).",
                                        nHeads, keys.full("attention.head_count"), nEmbd,
                                        keys.full("embedding_length")));
    SOTTO_ASSIGN(const std::int64_t headDim,
                 keys.countOr("attention.key_length", {1, kMaxHeadDim}, nEmbd / nHeads));
    SOTTO_ASSIGN(const std::int64_t valueDim,
                 keys.countOr("attention.value_length", {1, kMaxHeadDim}, headDim));
    if (valueDim != headDim)
        return keys.unsupported(
            fmt::format("Keys of {} and values of {} dimensions ({}, {}) in one "
                        "head are not supported.",
                        headDim, valueDim, keys.full("attention.key_length"),
                        keys.full("attention.value_length")));
    return headDim;
}

// What other families do with their experts, and would give nonsense when left out.
Status checkExpertMixing(const KeyReader& keys) {
    struct Known {
        const char* key;
        std::int64_t largest;
    };
    // Gating 1 is softmax, 0 is not said (llama.cpp's llama_expert_gating_func_type).
    constexpr Known kKnown[] = {
        {"expert_shared_count", 0}, {"expert_gating_func", 1}, {"expert_group_count", 1}};
    for (const Known& known : kKnown) {
        SOTTO_ASSIGN(const std::int64_t value, keys.countOr(known.key, {0, kMaxWidth}, 0));
        if (value > known.largest)
            return keys.unsupported(
                fmt::format("The key '{}' is {}; experts that are mixed in this way are not "
                            "supported.",
                            keys.full(known.key), value));
    }
    // 0 is written where there is none.
    const double scale = keys.realOr("expert_weights_scale", 1.0);
    if (scale != 1.0 && scale != 0.0)
        return keys.unsupported(
            fmt::format("The key '{}' is {}; experts whose weights are scaled are not supported.",
                        keys.full("expert_weights_scale"), scale));
    return {};
}

// How a mixture chooses its experts; nothing of it in a dense model.
Result<ExpertChoice> readExpertChoice(const KeyReader& keys, const Architecture& architecture) {
    ExpertChoice choice;
    SOTTO_ASSIGN(const std::int64_t nExperts, keys.countOr("expert_count", {0, kMaxWidth}, 0));
    if (nExperts == 0 && architecture.experts != Presence::Required) return choice;
    if (architecture.experts == Presence::Absent)
        return keys.unsupported(fmt::format(
            "This {} file is a mixture of {} experts ({}), which this version runs of the "
            "architectures llama and qwen3moe only; choose a dense model.",
            architecture.name, nExperts, keys.full("expert_count")));
    SOTTO_ASSIGN(const std::int64_t nChecked, keys.count("expert_count", {1, kMaxWidth}));
    SOTTO_ASSIGN(const std::int64_t nUsed, keys.count("expert_used_count", {1, nChecked}));
    if (nChecked > kMaxExperts || nUsed > kMaxExpertsUsed)
        return keys.unsupported(
            fmt::format("This file's layers have {} experts ({}), of which a token uses {} ({}); "
                        "this version runs up to {} and {}.",
                        nChecked, keys.full("expert_count"), nUsed, keys.full("expert_used_count"),
                        kMaxExperts, kMaxExpertsUsed));
    choice.nExperts = static_cast<std::int32_t>(nChecked);
    choice.nUsed = static_cast<std::int32_t>(nUsed);
    SOTTO_TRY(checkExpertMixing(keys));
    choice.isNormalized = keys.flagOr("expert_weights_norm", true);
    return choice;
}

// Inner width of every layer's feed-forward block.
Result<std::vector<std::int64_t>> readInnerWidths(const KeyReader& keys, std::int64_t nLayers,
                                                  std::int64_t nEmbd, bool isMixture) {
    const char* const expertKey = "expert_feed_forward_length";
    const bool hasOwnKey = isMixture && keys.has(expertKey);
    const char* const key = hasOwnKey ? expertKey : "feed_forward_length";
    SOTTO_ASSIGN(auto widths, keys.perLayer(key, nLayers, {1, kMaxWidth}));
    if (!isMixture) return widths;
    for (const std::int64_t width : widths)
        if (width % kExpertRowUnit != 0 || nEmbd % kExpertRowUnit != 0)
            return keys.unsupported(fmt::format(
                "Experts of {} x {} ({}, {}) are not supported; both must be multiples "
                "of {}.",
                nEmbd, width, keys.full("embedding_length"), keys.full(key), kExpertRowUnit));
    return widths;
}

Result<AttentionConfig> readAttention(const KeyReader& keys, const ModelConfig& config,
                                      std::int64_t nHeads, std::int64_t nKvHeads) {
    AttentionConfig attention;
    attention.nHeads = static_cast<std::int32_t>(nHeads);
    attention.nKvHeads = static_cast<std::int32_t>(nKvHeads);
    if (nHeads % nKvHeads != 0)
        return keys.damaged(fmt::format("{} KV heads ({}) do not divide {} heads ({}).", nKvHeads,
                                        keys.full("attention.head_count_kv"), nHeads,
                                        keys.full("attention.head_count")));
    SOTTO_ASSIGN(const std::int64_t headDim, readHeadDim(keys, config.nEmbd, nHeads));
    attention.headDim = static_cast<std::int32_t>(headDim);
    SOTTO_ASSIGN(const double scale,
                 keys.positiveRealOr("attention.scale", 1.0 / std::sqrt(double(headDim))));
    attention.scale = static_cast<float>(scale);
    SOTTO_ASSIGN(const std::int64_t rotaryDims,
                 keys.countOr("rope.dimension_count", {2, kMaxHeadDim}, headDim));
    if (rotaryDims > headDim || rotaryDims % 2 != 0)
        return keys.damaged(
            fmt::format("The key '{}' is {}; it must be even and at most the head "
                        "length {}.",
                        keys.full("rope.dimension_count"), rotaryDims, headDim));
    attention.rope.rotaryDims = static_cast<std::int32_t>(rotaryDims);
    SOTTO_ASSIGN(attention.rope.base, keys.positiveRealOr("rope.freq_base", 10000.0));
    SOTTO_TRY(readRopeScaling(keys, config.trainedContext, attention.rope));
    return attention;
}

Status readLayers(const KeyReader& keys, const Architecture& architecture, ModelConfig& config) {
    SOTTO_ASSIGN(const std::int64_t nLayers, keys.count("block_count", {1, kMaxLayers}));
    SOTTO_ASSIGN(const auto nHeads, keys.perLayer("attention.head_count", nLayers, {1, kMaxHeads}));
    std::vector<std::int64_t> nKvHeads = nHeads;
    if (keys.has("attention.head_count_kv")) {
        SOTTO_ASSIGN(nKvHeads, keys.perLayer("attention.head_count_kv", nLayers, {1, kMaxHeads}));
    }
    SOTTO_ASSIGN(const ExpertChoice experts, readExpertChoice(keys, architecture));
    SOTTO_ASSIGN(const auto nFeedForward,
                 readInnerWidths(keys, nLayers, config.nEmbd, experts.nExperts > 0));
    SOTTO_ASSIGN(const double epsilon,
                 keys.positiveRealOr("attention.layer_norm_rms_epsilon", 1e-5));
    config.outputNormEpsilon = static_cast<float>(epsilon);
    for (std::size_t layerIndex = 0; layerIndex < nHeads.size(); ++layerIndex) {
        LayerConfig layer;
        SOTTO_ASSIGN(layer.attention,
                     readAttention(keys, config, nHeads[layerIndex], nKvHeads[layerIndex]));
        layer.feedForward.nFeedForward = static_cast<std::int32_t>(nFeedForward[layerIndex]);
        layer.feedForward.experts = experts;
        layer.normEpsilon = static_cast<float>(epsilon);
        config.layers.push_back(layer);
    }
    return {};
}

// The vocabulary is as long as the embedding table, and so must be the token list. A key that says
// otherwise than both is a converter's slip (the length before a vocabulary was filled up).
Status readVocabulary(const KeyReader& keys, const GgufFile& file, ModelConfig& config) {
    const GgufTensor* embedding = file.find("token_embd.weight");
    if (embedding == nullptr) return keys.damaged("The tensor 'token_embd.weight' is missing.");
    const std::int64_t nRows = embedding->matrix().nRows;
    if (nRows < 1 || nRows > kMaxVocab)
        return keys.damaged(fmt::format("The tensor 'token_embd.weight' has {} rows.", nRows));
    SOTTO_ASSIGN(const std::int64_t nKey, keys.countOr("vocab_size", {1, kMaxVocab}, nRows));
    const auto* tokens = file.metadata().strings("tokenizer.ggml.tokens");
    if (nKey != nRows && tokens == nullptr)
        return keys.damaged(fmt::format("The key '{}' is {}, but 'token_embd.weight' has {} rows.",
                                        keys.full("vocab_size"), nKey, nRows));
    if (tokens != nullptr && tokens->size() != static_cast<std::size_t>(nRows))
        return keys.damaged(
            fmt::format("The key 'tokenizer.ggml.tokens' lists {} tokens, but 'token_embd.weight' "
                        "has {} rows.",
                        tokens->size(), nRows));
    config.nVocab = static_cast<std::int32_t>(nRows);
    return {};
}

}  // namespace

Result<ModelConfig> readModelConfig(const GgufFile& file,
                                    std::span<const Architecture> architectures) {
    const auto name = file.metadata().string("general.architecture");
    if (!name)
        return fail(ErrorCode::FileDamaged, "The key 'general.architecture' is missing.",
                    file.path().string());
    const auto found = std::find_if(architectures.begin(), architectures.end(),
                                    [&](const Architecture& row) { return row.name == *name; });
    if (found == architectures.end()) {
        std::string known;
        for (const Architecture& row : architectures)
            known += (known.empty() ? "" : ", ") + std::string(row.name);
        return fail(
            ErrorCode::Unsupported,
            fmt::format("The architecture '{}' is not supported by this version; it runs {}.",
                        printableName(*name), known),
            file.path().string());
    }

    const KeyReader keys(file, std::string(*name) + ".");
    ModelConfig config;
    config.architecture = std::string(*name);
    SOTTO_ASSIGN(config.trainedContext, keys.count("context_length", {1, kMaxContext}));
    SOTTO_ASSIGN(const std::int64_t nEmbd, keys.count("embedding_length", {1, kMaxWidth}));
    config.nEmbd = static_cast<std::int32_t>(nEmbd);
    SOTTO_TRY(readVocabulary(keys, file, config));
    SOTTO_TRY(readLayers(keys, *found, config));
    found->adapt(config);
    return config;
}

}  // namespace sotto

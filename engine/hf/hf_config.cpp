#include "engine/hf/hf_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/gguf/byte_cursor.h"
#include "engine/hf/json_document.h"

namespace sotto {
namespace {

// Far above every model, products of three inside 63 bits.
constexpr std::int64_t kMaxSmall = 65536;
constexpr std::int64_t kMaxSide = std::int64_t{1} << 24;
constexpr std::int64_t kMaxTokens = std::int64_t{1} << 24;
constexpr std::int64_t kMaxPositions = std::int64_t{1} << 31;

struct Family {
    std::string_view className;  // the first of config.json's "architectures"
    std::string_view architecture;
    bool isPermuted;
    HfExperts experts;
};

constexpr std::array<Family, 7> kFamilies{{
    {"LlamaForCausalLM", "llama", true, HfExperts::None},
    {"LLaMAForCausalLM", "llama", true, HfExperts::None},
    {"MistralForCausalLM", "llama", true, HfExperts::None},
    {"MixtralForCausalLM", "llama", true, HfExperts::Mixtral},
    {"Qwen2ForCausalLM", "qwen2", false, HfExperts::None},
    {"Qwen3ForCausalLM", "qwen3", false, HfExperts::None},
    {"Qwen3MoeForCausalLM", "qwen3moe", false, HfExperts::Qwen},
}};

class ConfigReader {
public:
    ConfigReader(const HfJson& json, std::string fileName)
        : m_json(json), m_fileName(std::move(fileName)) {}

    tl::unexpected<Error> damaged(std::string_view what) const {
        return damagedFile(m_fileName, what);
    }

    Result<std::int64_t> count(const char* key, std::int64_t largest) const {
        const auto value = integerOf(m_json, key);
        if (!value) return damaged(fmt::format("'{}' is missing or no integer", key));
        if (*value < 1 || *value > largest)
            return damaged(
                fmt::format("'{}' is {}; it must be between 1 and {}", key, *value, largest));
        return *value;
    }
    Result<std::int64_t> countOr(const char* key, std::int64_t largest,
                                 std::int64_t fallback) const {
        if (memberOf(m_json, key) == nullptr) return fallback;
        return count(key, largest);
    }
    Result<double> positiveOr(const HfJson& from, const char* key, double fallback) const {
        if (memberOf(from, key) == nullptr) return fallback;
        const auto value = numberOf(from, key);
        if (!value || !std::isfinite(*value) || *value <= 0)
            return damaged(fmt::format("'{}' must be a positive number", key));
        return *value;
    }

private:
    const HfJson& m_json;
    std::string m_fileName;
};

Result<Family> familyOf(const HfJson& json) {
    std::string name;
    if (const HfJson* const names = memberOf(json, "architectures");
        names != nullptr && names->is_array() && !names->empty() && names->front().is_string())
        name = names->front().get<std::string>();
    for (const Family& family : kFamilies)
        if (family.className == name) return family;
    std::string known;
    for (const Family& family : kFamilies)
        if (family.className != "LLaMAForCausalLM")
            known += (known.empty() ? "" : ", ") + std::string(family.className);
    return fail(
        ErrorCode::Unsupported,
        name.empty()
            ? fmt::format("config.json names no architecture; this version converts {}.", known)
            : fmt::format("The architecture {} (config.json) cannot be converted by this "
                          "version, which knows {}: get the model as a GGUF file.",
                          printableName(name), known),
        "config.json");
}

// Of transformers 4 "rope_scaling" with "type" or "rope_type", of 5 "rope_parameters".
Status readRope(const ConfigReader& reader, const HfJson& json, HfConfig& config) {
    const HfJson* rope = memberOf(json, "rope_parameters");
    if (rope == nullptr) rope = memberOf(json, "rope_scaling");
    const HfJson nothing = HfJson::object();
    if (rope == nullptr) rope = &nothing;
    SOTTO_ASSIGN(config.ropeBase, reader.positiveOr(json, "rope_theta", 10000));
    SOTTO_ASSIGN(config.ropeBase, reader.positiveOr(*rope, "rope_theta", config.ropeBase));
    HfRopeScaling& scaling = config.ropeScaling;
    scaling.type = textOf(*rope, "rope_type").value_or(textOf(*rope, "type").value_or(""));
    if (scaling.type == "default") scaling.type.clear();
    if (scaling.type.empty()) return {};
    if (scaling.type != "linear" && scaling.type != "yarn" && scaling.type != "llama3")
        return fail(ErrorCode::Unsupported,
                    fmt::format("The RoPE scaling '{}' (config.json) cannot be converted; linear, "
                                "yarn and llama3 can: get the model as a GGUF file.",
                                printableName(scaling.type)),
                    "config.json");
    SOTTO_ASSIGN(scaling.factor, reader.positiveOr(*rope, "factor", 1));
    SOTTO_ASSIGN(scaling.lowFactor, reader.positiveOr(*rope, "low_freq_factor", 1));
    SOTTO_ASSIGN(scaling.highFactor, reader.positiveOr(*rope, "high_freq_factor", 4));
    const std::int64_t fallback = scaling.type == "llama3" ? 8192 : 0;
    scaling.originalContext =
        integerOf(*rope, "original_max_position_embeddings").value_or(fallback);
    if (scaling.originalContext < 0 || scaling.originalContext > kMaxPositions)
        return reader.damaged("'original_max_position_embeddings' is out of range");
    if (scaling.type == "llama3" && !(scaling.highFactor > scaling.lowFactor))
        return reader.damaged("'high_freq_factor' must be above 'low_freq_factor'");
    return {};
}

Status readExperts(const ConfigReader& reader, const HfJson& json, HfConfig& config) {
    if (config.experts == HfExperts::None) return {};
    const char* const key =
        memberOf(json, "num_local_experts") != nullptr ? "num_local_experts" : "num_experts";
    SOTTO_ASSIGN(config.nExperts, reader.count(key, kMaxSmall));
    SOTTO_ASSIGN(config.nExpertsUsed, reader.count("num_experts_per_tok", config.nExperts));
    SOTTO_ASSIGN(config.nExpertFeedForward, reader.countOr("moe_intermediate_size", kMaxSide, 0));
    if (config.experts == HfExperts::Qwen)
        config.isExpertNormalized = flagOf(json, "norm_topk_prob").value_or(false);
    return {};
}

Result<HfQuantization> readQuantization(const ConfigReader& reader, const HfJson& json) {
    HfQuantization result;
    const HfJson* const source = memberOf(json, "quantization_config");
    if (source == nullptr) return result;
    result.method = textOf(*source, "quant_method").value_or("");
    result.nBits = integerOf(*source, "bits").value_or(4);
    result.groupSize = integerOf(*source, "group_size").value_or(128);
    result.isZeroOffByOne = textOf(*source, "checkpoint_format").value_or("gptq") != "gptq_v2";
    if (const HfJson* const block = memberOf(*source, "weight_block_size")) {
        const bool isPair = block->is_array() && block->size() == 2;
        result.scaleRows = isPair ? asInteger((*block)[0]).value_or(0) : 0;
        result.scaleColumns = isPair ? asInteger((*block)[1]).value_or(0) : 0;
    }
    const auto isSize = [](std::int64_t size) { return size > 0 && size <= kMaxSide; };
    const bool isInRange = isSize(result.nBits) && isSize(result.scaleRows) &&
                           isSize(result.scaleColumns) &&
                           (result.groupSize == -1 || isSize(result.groupSize));
    if (!isInRange) return reader.damaged("'quantization_config' has a size that is out of range");
    const std::string version = textOf(*source, "version").value_or("");
    if (result.method == "awq" && version != "" && version != "gemm" && version != "GEMM")
        return fail(ErrorCode::Unsupported,
                    fmt::format("AWQ weights of the version '{}' cannot be read; those of 'gemm' "
                                "can.",
                                printableName(version)),
                    "config.json");
    return result;
}

void readTokens(const HfJson& json, HfConfig& config) {
    config.bosToken = integerOf(json, "bos_token_id").value_or(-1);
    config.padToken = integerOf(json, "pad_token_id").value_or(-1);
    config.eosTokens = integersOf(json, "eos_token_id");
}

}  // namespace

Result<HfConfig> readHfConfig(const std::filesystem::path& path) {
    SOTTO_ASSIGN(const HfJson json, readJsonFile(path));
    const ConfigReader reader(json, path.filename().string());
    SOTTO_ASSIGN(const Family family, familyOf(json));
    HfConfig config;
    config.architecture = family.architecture;
    config.isPermuted = family.isPermuted;
    config.experts = family.experts;
    SOTTO_ASSIGN(config.nLayers, reader.count("num_hidden_layers", kMaxSmall));
    SOTTO_ASSIGN(config.nEmbd, reader.count("hidden_size", kMaxSide));
    SOTTO_ASSIGN(config.nFeedForward, reader.count("intermediate_size", kMaxSide));
    SOTTO_ASSIGN(config.nHeads, reader.count("num_attention_heads", kMaxSmall));
    SOTTO_ASSIGN(config.nKvHeads, reader.countOr("num_key_value_heads", kMaxSmall, config.nHeads));
    config.isHeadDimSaid = memberOf(json, "head_dim") != nullptr;
    if (!config.isHeadDimSaid && config.nEmbd % config.nHeads != 0)
        return reader.damaged("'num_attention_heads' does not divide 'hidden_size'");
    SOTTO_ASSIGN(config.headDim,
                 reader.countOr("head_dim", kMaxSmall, config.nEmbd / config.nHeads));
    if (config.headDim % 2 != 0) return reader.damaged("a head has an odd length");
    SOTTO_ASSIGN(config.nVocab, reader.count("vocab_size", kMaxTokens));
    SOTTO_ASSIGN(config.nContext, reader.countOr("max_position_embeddings", kMaxPositions, 2048));
    SOTTO_ASSIGN(config.normEpsilon, reader.positiveOr(json, "rms_norm_eps", 1e-6));
    SOTTO_TRY(readRope(reader, json, config));
    SOTTO_TRY(readExperts(reader, json, config));
    SOTTO_ASSIGN(config.quantization, readQuantization(reader, json));
    config.isHeadTied = flagOf(json, "tie_word_embeddings");
    readTokens(json, config);
    return config;
}

void addConfigKeys(const HfConfig& config, const std::string& name, GgufWriter& writer) {
    const auto key = [&](const char* suffix) { return config.architecture + "." + suffix; };
    const auto count = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
    writer.addValue("general.architecture", config.architecture);
    writer.addValue("general.type", std::string("model"));
    writer.addValue("general.name", name);
    writer.addValue(key("block_count"), count(config.nLayers));
    writer.addValue(key("context_length"), count(config.nContext));
    writer.addValue(key("embedding_length"), count(config.nEmbd));
    writer.addValue(key("feed_forward_length"), count(config.nFeedForward));
    writer.addValue(key("attention.head_count"), count(config.nHeads));
    writer.addValue(key("attention.head_count_kv"), count(config.nKvHeads));
    writer.addValue(key("rope.freq_base"), static_cast<float>(config.ropeBase));
    writer.addValue(key("attention.layer_norm_rms_epsilon"),
                    static_cast<float>(config.normEpsilon));
    if (config.nExperts > 0) {
        writer.addValue(key("expert_count"), count(config.nExperts));
        writer.addValue(key("expert_used_count"), count(config.nExpertsUsed));
    }
    if (config.nExpertFeedForward > 0)
        writer.addValue(key("expert_feed_forward_length"), count(config.nExpertFeedForward));
    // Where they are, the keys of the field say nothing.
    if (config.isExpertNormalized == false) writer.addValue(key("expert_weights_norm"), false);
    if (config.isHeadDimSaid) {
        writer.addValue(key("attention.key_length"), count(config.headDim));
        writer.addValue(key("attention.value_length"), count(config.headDim));
    }
    writer.addValue(key("vocab_size"), count(config.nVocab));
    writer.addValue(key("rope.dimension_count"), count(config.headDim));
    const HfRopeScaling& scaling = config.ropeScaling;
    // Llama 3's is in the factors of each pair (rope_freqs.weight) and not in keys.
    if (scaling.type.empty() || scaling.type == "llama3") return;
    writer.addValue(key("rope.scaling.type"), scaling.type);
    writer.addValue(key("rope.scaling.factor"), static_cast<float>(scaling.factor));
    if (scaling.originalContext > 0)
        writer.addValue(key("rope.scaling.original_context_length"),
                        count(scaling.originalContext));
}

std::vector<float> ropeFactors(const HfConfig& config) {
    const HfRopeScaling& scaling = config.ropeScaling;
    if (scaling.type != "llama3") return {};
    const auto original = static_cast<double>(scaling.originalContext);
    const double longWave = original / scaling.lowFactor;
    const double shortWave = original / scaling.highFactor;
    std::vector<float> factors;
    for (std::int64_t dim = 0; dim < config.headDim; dim += 2) {
        const double exponent = static_cast<double>(dim) / static_cast<double>(config.headDim);
        const double wave = 2 * std::numbers::pi * std::pow(config.ropeBase, exponent);
        double factor = scaling.factor;
        if (wave < shortWave) {
            factor = 1;
        } else if (wave <= longWave) {
            const double smooth =
                (original / wave - scaling.lowFactor) / (scaling.highFactor - scaling.lowFactor);
            factor = 1 / ((1 - smooth) / scaling.factor + smooth);
        }
        factors.push_back(static_cast<float>(factor));
    }
    return factors;
}

}  // namespace sotto

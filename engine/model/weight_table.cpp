#include "engine/model/weight_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

// What the config asks of one tensor.
struct Slot {
    TensorRole role;
    std::string_view name;  // of a layer: without "blk.N."
    std::int64_t nCols = 0;
    std::int64_t nRows = 1;
    Presence presence = Presence::Required;
    std::string_view columnsKey;  // the keys that the shape follows from, for the sentence
    std::string_view rowsKey = {};
    std::int64_t nMatrices = 1;  // behind one another: a mixture's experts
};

constexpr std::string_view kHeads = "attention.head_count x key_length";
constexpr std::string_view kKvHeads = "attention.head_count_kv x key_length";
constexpr std::string_view kEmbd = "embedding_length";
constexpr std::string_view kFeed = "feed_forward_length";
constexpr std::string_view kExpertFeed = "expert_feed_forward_length x expert_count";

std::vector<Slot> feedForwardSlots(const ModelConfig& config, const FeedForwardConfig& block) {
    const std::int64_t nEmbd = config.nEmbd;
    const std::int64_t nFeed = block.nFeedForward;
    const Presence needed = Presence::Required;
    using enum TensorRole;
    if (block.isMixture()) {
        const std::int64_t nExperts = block.experts.nExperts;
        return {
            {Router, "ffn_gate_inp.weight", nEmbd, nExperts, needed, kEmbd, "expert_count"},
            {Gate, "ffn_gate_exps.weight", nEmbd, nFeed, needed, kEmbd, kExpertFeed, nExperts},
            {Up, "ffn_up_exps.weight", nEmbd, nFeed, needed, kEmbd, kExpertFeed, nExperts},
            {Down, "ffn_down_exps.weight", nFeed, nEmbd, needed, kExpertFeed, kEmbd, nExperts},
        };
    }
    return {
        {Gate, "ffn_gate.weight", nEmbd, nFeed, needed, kEmbd, kFeed},
        {Up, "ffn_up.weight", nEmbd, nFeed, needed, kEmbd, kFeed},
        {Down, "ffn_down.weight", nFeed, nEmbd, needed, kFeed, kEmbd},
        {GateBias, "ffn_gate.bias", nFeed, 1, block.bias, kFeed},
        {UpBias, "ffn_up.bias", nFeed, 1, block.bias, kFeed},
        {DownBias, "ffn_down.bias", nEmbd, 1, block.bias, kEmbd},
    };
}

std::vector<Slot> layerSlots(const ModelConfig& config, const LayerConfig& layer) {
    const AttentionConfig& attention = layer.attention;
    const std::int64_t nEmbd = config.nEmbd;
    const std::int64_t nQuery = std::int64_t{attention.nHeads} * attention.headDim;
    const std::int64_t nKv = std::int64_t{attention.nKvHeads} * attention.headDim;
    const Presence needed = Presence::Required;
    using enum TensorRole;
    std::vector<Slot> slots{
        {AttentionNorm, "attn_norm.weight", nEmbd, 1, needed, kEmbd},
        {Query, "attn_q.weight", nEmbd, nQuery, needed, kEmbd, kHeads},
        {Key, "attn_k.weight", nEmbd, nKv, needed, kEmbd, kKvHeads},
        {Value, "attn_v.weight", nEmbd, nKv, needed, kEmbd, kKvHeads},
        {AttentionOutput, "attn_output.weight", nQuery, nEmbd, needed, kHeads, kEmbd},
        {QueryBias, "attn_q.bias", nQuery, 1, attention.inputBias, kHeads},
        {KeyBias, "attn_k.bias", nKv, 1, attention.inputBias, kKvHeads},
        {ValueBias, "attn_v.bias", nKv, 1, attention.inputBias, kKvHeads},
        {AttentionOutputBias, "attn_output.bias", nEmbd, 1, attention.outputBias, kEmbd},
        {QueryNorm, "attn_q_norm.weight", attention.headDim, 1, attention.qkNorm,
         "attention.key_length"},
        {KeyNorm, "attn_k_norm.weight", attention.headDim, 1, attention.qkNorm,
         "attention.key_length"},
        {FeedForwardNorm, "ffn_norm.weight", nEmbd, 1, needed, kEmbd},
    };
    for (const Slot& slot : feedForwardSlots(config, layer.feedForward)) slots.push_back(slot);
    return slots;
}

std::vector<Slot> modelSlots(const ModelConfig& config) {
    const std::int64_t nPairs = config.layers.front().attention.rope.rotaryDims / 2;
    using enum TensorRole;
    return {
        {TokenEmbedding, "token_embd.weight", config.nEmbd, config.nVocab, Presence::Required,
         kEmbd, "vocab_size"},
        {OutputNorm, "output_norm.weight", config.nEmbd, 1, Presence::Required, kEmbd},
        {Head, "output.weight", config.nEmbd, config.nVocab, Presence::Optional, kEmbd,
         "vocab_size"},
        {RopeFactors, "rope_freqs.weight", nPairs, 1, Presence::Optional, "rope.dimension_count"},
    };
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t extent : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(extent);
    return text;
}

class TableBuilder {
public:
    TableBuilder(const ModelConfig& config, const GgufFile& file)
        : m_config(config), m_file(file), m_place(file.path().string()) {}

    Status add(const Slot& slot, std::int32_t layerIndex) {
        std::string name(slot.name);
        if (layerIndex >= 0) name = fmt::format("blk.{}.{}", layerIndex, slot.name);
        if (slot.presence == Presence::Absent) return {};
        const GgufTensor* tensor = m_file.find(name);
        if (tensor == nullptr) {
            if (slot.presence == Presence::Optional) return {};
            if (m_file.find("blk.0.ffn_gate.0.weight") != nullptr)
                return fail(
                    ErrorCode::Unsupported,
                    "This file keeps every expert in a tensor of its own, as converters did "
                    "until early 2024; choose a newer conversion of the model.",
                    m_place);
            return fail(ErrorCode::FileDamaged, fmt::format("The tensor '{}' is missing.", name),
                        m_place);
        }
        SOTTO_TRY(checkShape(slot, *tensor));
        const bool isVector = slot.rowsKey.empty();
        if (isVector && dtypeTraits(tensor->type).blockElements != 1)
            return fail(ErrorCode::Unsupported,
                        fmt::format("The vector '{}' is stored as {}; only F32, F16 and BF16 are "
                                    "supported for norms and biases.",
                                    name, dtypeTraits(tensor->type).name),
                        m_place);
        m_table.entries.push_back({slot.role, layerIndex, isVector, tensor});
        if (slot.role == TensorRole::RopeFactors) m_table.ropeFactors = tensor;
        m_known.insert(tensor->name);
        return {};
    }

    // A tensor nobody asked for means a computation that is not built: running without it would
    // give fluent nonsense.
    Status refuseUnknown() const {
        for (const GgufTensor& tensor : m_file.tensors()) {
            if (m_known.contains(tensor.name)) continue;
            // Rotation tables of early converters: recomputed here.
            if (tensor.name.ends_with("attn_rot_embd.weight") ||
                tensor.name.ends_with("rotary_emb.inv_freq"))
                continue;
            return fail(ErrorCode::Unsupported,
                        fmt::format("The tensor '{}' is not part of the {} architecture as this "
                                    "version knows it.",
                                    printableName(tensor.name), m_config.architecture),
                        m_place);
        }
        return {};
    }

    // One factor per pair of every layer, whose rotations may differ in length; each divides a
    // frequency.
    Status checkRopeFactors() const {
        const GgufTensor* tensor = m_table.ropeFactors;
        if (tensor == nullptr) return {};
        for (std::size_t layerIndex = 0; layerIndex < m_config.layers.size(); ++layerIndex) {
            const std::int64_t nPairs = m_config.layers[layerIndex].attention.rope.rotaryDims / 2;
            if (nPairs != tensor->elementCount())
                return fail(
                    ErrorCode::FileDamaged,
                    fmt::format("The tensor 'rope_freqs.weight' has {} factors, but layer "
                                "{} rotates {} pairs ({}.rope.dimension_count).",
                                tensor->elementCount(), layerIndex, nPairs, m_config.architecture),
                    m_place);
        }
        return {};
    }

    WeightTable take() {
        m_table.hasTiedHead = !m_known.contains("output.weight");
        return std::move(m_table);
    }

private:
    Status checkShape(const Slot& slot, const GgufTensor& tensor) const {
        std::vector<std::int64_t> wanted{slot.nCols};
        if (!slot.rowsKey.empty()) wanted.push_back(slot.nRows);
        if (slot.nMatrices > 1) wanted.push_back(slot.nMatrices);
        std::vector<std::int64_t> shape = tensor.shape;
        while (shape.size() > wanted.size() && shape.back() == 1) shape.pop_back();
        if (shape == wanted) return {};
        std::string keys = fmt::format("{}.{}", m_config.architecture, slot.columnsKey);
        if (!slot.rowsKey.empty())
            keys += fmt::format(", {}.{}", m_config.architecture, slot.rowsKey);
        return fail(ErrorCode::FileDamaged,
                    fmt::format("The tensor '{}' is {}, but the keys ({}) ask for {}.", tensor.name,
                                shapeText(tensor.shape), keys, shapeText(wanted)),
                    m_place);
    }

    const ModelConfig& m_config;
    const GgufFile& m_file;
    std::string m_place;
    WeightTable m_table;
    std::unordered_set<std::string_view> m_known;
};

}  // namespace

std::uint64_t usedByToken(const ModelConfig& config, const WeightEntry& entry,
                          std::uint64_t amount) {
    const bool isOfExperts = entry.role == TensorRole::Gate || entry.role == TensorRole::Up ||
                             entry.role == TensorRole::Down;
    if (!isOfExperts) return amount;
    const auto& block = config.layers[static_cast<std::size_t>(entry.layerIndex)].feedForward;
    if (!block.isMixture()) return amount;
    // The experts are of one size.
    return amount / static_cast<std::uint64_t>(block.experts.nExperts) *
           static_cast<std::uint64_t>(block.experts.nUsed);
}

Result<WeightTable> buildWeightTable(const ModelConfig& config, const GgufFile& file) {
    TableBuilder builder(config, file);
    for (const Slot& slot : modelSlots(config)) SOTTO_TRY(builder.add(slot, -1));
    for (std::size_t layerIndex = 0; layerIndex < config.layers.size(); ++layerIndex)
        for (const Slot& slot : layerSlots(config, config.layers[layerIndex]))
            SOTTO_TRY(builder.add(slot, static_cast<std::int32_t>(layerIndex)));
    SOTTO_TRY(builder.checkRopeFactors());
    SOTTO_TRY(builder.refuseUnknown());
    return builder.take();
}

}  // namespace sotto

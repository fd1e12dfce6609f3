#include "engine/model/weight_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>

#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

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

    Status add(SpecTable specs, const WeightScope& scope, std::int32_t layerIndex) {
        for (const WeightSpec& spec : specs) SOTTO_TRY(add(spec, scope, layerIndex));
        return {};
    }

    Status add(const WeightSpec& spec, const WeightScope& scope, std::int32_t layerIndex) {
        const Presence presence = spec.presence(scope);
        if (presence == Presence::Absent) return {};
        const std::string name = spec.tensorName(layerIndex);
        const GgufTensor* tensor = m_file.find(name);
        if (tensor == nullptr) {
            if (presence == Presence::Optional) return {};
            if (m_file.find("blk.0.ffn_gate.0.weight") != nullptr)
                return fail(
                    ErrorCode::Unsupported,
                    "This file keeps every expert in a tensor of its own, as converters did "
                    "until early 2024; choose a newer conversion of the model.",
                    m_place);
            return fail(ErrorCode::FileDamaged, fmt::format("The tensor '{}' is missing.", name),
                        m_place);
        }
        SOTTO_TRY(checkShape(spec, scope, *tensor));
        if (spec.isVector() && dtypeTraits(tensor->type).blockElements != 1)
            return fail(ErrorCode::Unsupported,
                        fmt::format("The vector '{}' is stored as {}; only F32, F16 and BF16 are "
                                    "supported for norms and biases.",
                                    name, dtypeTraits(tensor->type).name),
                        m_place);
        m_table.entries.push_back({.spec = &spec, .layerIndex = layerIndex, .tensor = tensor});
        if (spec.place == WeightPlace(RotationFactors())) m_table.ropeFactors = tensor;
        if (spec.place == WeightPlace(&Weights::head)) m_table.hasTiedHead = false;
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

    WeightTable take() { return std::move(m_table); }

private:
    Status checkShape(const WeightSpec& spec, const WeightScope& scope,
                      const GgufTensor& tensor) const {
        std::vector<std::int64_t> wanted{spec.columns.count(scope)};
        if (spec.rows.isThere()) wanted.push_back(spec.rows.count(scope));
        if (spec.stack.isThere() && spec.stack.count(scope) > 1)
            wanted.push_back(spec.stack.count(scope));
        std::vector<std::int64_t> shape = tensor.shape;
        while (shape.size() > wanted.size() && shape.back() == 1) shape.pop_back();
        if (shape == wanted) return {};
        std::string keys = fmt::format("{}.{}", m_config.architecture, spec.columns.key);
        if (spec.rows.isThere())
            keys += fmt::format(", {}.{}", m_config.architecture, spec.rows.key);
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
    if (!entry.spec->stack.isThere()) return amount;
    const auto& block = config.layers[static_cast<std::size_t>(entry.layerIndex)].feedForward;
    // The experts are of one size.
    return amount / static_cast<std::uint64_t>(block.experts.nExperts) *
           static_cast<std::uint64_t>(block.experts.nUsed);
}

Result<WeightTable> buildWeightTable(const ModelConfig& config, const GgufFile& file) {
    TableBuilder builder(config, file);
    SOTTO_TRY(builder.add(modelTable(), {config, config.layers.front()}, -1));
    for (std::size_t layerIndex = 0; layerIndex < config.layers.size(); ++layerIndex) {
        const LayerConfig& layer = config.layers[layerIndex];
        for (const SpecTable table : layerTables(layer))
            SOTTO_TRY(builder.add(table, {config, layer}, static_cast<std::int32_t>(layerIndex)));
    }
    SOTTO_TRY(builder.checkRopeFactors());
    SOTTO_TRY(builder.refuseUnknown());
    return builder.take();
}

}  // namespace sotto

#include "engine/schedule/model_summary.h"

#include <algorithm>
#include <map>
#include <set>

#include "engine/model/unpacked_weight.h"
#include "engine/quant/mix.h"

namespace sotto {
namespace {

// general.file_type of a file that follows no mix.
constexpr std::uint64_t kMixedFileType = 1024;

std::string quantizationName(const ModelFile& model) {
    if (const auto number = model.file.metadata().unsignedInteger("general.file_type")) {
        if (*number == kMixedFileType) return "mixed";
        for (const MixTraits& traits : allMixes())
            if (traits.fileType == *number) return std::string(traits.name);
    }
    std::map<DType, std::uint64_t> bytesByType;
    for (const GgufTensor& tensor : model.file.tensors())
        bytesByType[tensor.type] += tensor.byteSize;
    const auto most = std::max_element(
        bytesByType.begin(), bytesByType.end(),
        [](const auto& left, const auto& right) { return left.second < right.second; });
    return most == bytesByType.end() ? std::string() : std::string(dtypeTraits(most->first).name);
}

std::vector<WeightUse> weightUseOf(const ModelFile& model) {
    std::map<DType, WeightUse> uses;
    for (const WeightEntry& entry : model.table.entries) {
        // A token reads one row of the embedding; tied, it is the head as well.
        if (entry.isVector() || (entry.isEmbedding() && !model.table.hasTiedHead)) continue;
        WeightUse& use = uses[entry.tensor->type];
        use.type = entry.tensor->type;
        use.bytesPerToken += usedByToken(model.config, entry, entry.tensor->byteSize);
        if (entry.layerIndex >= 0)
            use.layerElementsPerToken += usedByToken(
                model.config, entry, static_cast<std::uint64_t>(entry.tensor->elementCount()));
    }
    std::vector<WeightUse> list;
    for (const auto& [type, use] : uses) list.push_back(use);
    return list;
}

std::vector<DType> unpackedTypesOf(const ModelFile& model) {
    std::set<DType> types;
    for (const WeightEntry& entry : model.table.entries)
        if (!entry.isVector() && isUnpackedAtLoad(*entry.tensor)) types.insert(entry.tensor->type);
    return {types.begin(), types.end()};
}

}  // namespace

ModelInfo summarizeModel(const ModelFile& model) {
    const GgufMetadata& metadata = model.file.metadata();
    const ModelConfig& config = model.config;
    const LayerConfig& layer = config.layers.front();
    const auto text = [&](std::string_view key) {
        return std::string(metadata.string(key).value_or(""));
    };

    ModelInfo info;
    info.path = model.file.path();
    info.name = text("general.name");
    if (info.name.empty()) info.name = info.path.stem().string();
    info.architecture = config.architecture;
    info.description = text("general.description");
    info.license = text("general.license");
    info.quantization = quantizationName(model);
    info.fileBytes = model.file.fileBytes();
    std::uint64_t weightBytes = 0;
    for (const GgufTensor& tensor : model.file.tensors()) {
        info.parameters += static_cast<std::uint64_t>(tensor.elementCount());
        weightBytes += tensor.byteSize;
        info.tensors.push_back({tensor.name, tensor.type, tensor.shape});
    }
    // Of a file of which only the header is here.
    info.fileBytes = std::max(info.fileBytes, weightBytes);
    info.activeParameters = info.parameters;
    for (const WeightEntry& entry : model.table.entries) {
        const auto nElements = static_cast<std::uint64_t>(entry.tensor->elementCount());
        info.activeParameters -= nElements - usedByToken(config, entry, nElements);
    }
    if (info.parameters > 0)
        info.bitsPerWeight = 8.0 * double(weightBytes) / double(info.parameters);
    info.trainedContext = config.trainedContext;
    info.nEmbd = config.nEmbd;
    info.nLayers = static_cast<std::int64_t>(config.layers.size());
    info.nHeads = layer.attention.nHeads;
    info.nKvHeads = layer.attention.nKvHeads;
    info.headDim = layer.attention.headDim;
    info.nFeedForward = layer.feedForward.nFeedForward;
    info.nExperts = layer.feedForward.experts.nExperts;
    info.nExpertsUsed = layer.feedForward.experts.nUsed;
    info.nVocab = config.nVocab;
    info.chatTemplate = text("tokenizer.chat_template");
    info.isPreTokenizerMissing =
        text("tokenizer.ggml.model") == "gpt2" && text("tokenizer.ggml.pre").empty();
    info.weightUse = weightUseOf(model);
    info.unpackedTypes = unpackedTypesOf(model);
    for (const std::string_view mark : {"<think>", "enable_thinking", "reasoning_content"})
        info.hasThinking = info.hasThinking || info.chatTemplate.find(mark) != std::string::npos;
    return info;
}

}  // namespace sotto

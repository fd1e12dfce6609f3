#include "engine/schedule/model_summary.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "engine/model/unpacked_weight.h"

namespace sotto {
namespace {

struct FileType {
    std::uint64_t number;
    std::string_view name;
};

// general.file_type, as quantizers write it (llama.cpp's LLAMA_FTYPE).
constexpr std::array<FileType, 18> kFileTypes{{
    {0, "F32"},
    {1, "F16"},
    {2, "Q4_0"},
    {3, "Q4_1"},
    {7, "Q8_0"},
    {8, "Q5_0"},
    {9, "Q5_1"},
    {10, "Q2_K"},
    {11, "Q3_K_S"},
    {12, "Q3_K_M"},
    {13, "Q3_K_L"},
    {14, "Q4_K_S"},
    {15, "Q4_K_M"},
    {16, "Q5_K_S"},
    {17, "Q5_K_M"},
    {18, "Q6_K"},
    {32, "BF16"},
    {1024, "mixed"},
}};

std::string quantizationName(const ModelFile& model) {
    if (const auto number = model.file.metadata().unsignedInteger("general.file_type")) {
        const auto found = std::find_if(kFileTypes.begin(), kFileTypes.end(),
                                        [&](const FileType& row) { return row.number == *number; });
        if (found != kFileTypes.end()) return std::string(found->name);
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

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

const char* systemRoleName(SystemRole role) {
    switch (role) {
        case SystemRole::Taken: return "taken";
        case SystemRole::Refused: return "refused";
        case SystemRole::Demanded: return "demanded";
    }
    return "taken";
}

const char* systemRoleNote(SystemRole role) {
    switch (role) {
        case SystemRole::Taken: return "";
        case SystemRole::Refused: return ", takes no system message";
        case SystemRole::Demanded: return ", demands a system message";
    }
    return "";
}

Json toJson(const ModelInfo& info) {
    Json tensors = Json::array();
    for (const TensorSummary& tensor : info.tensors) {
        tensors.push_back({{"name", tensor.name},
                           {"type", dtypeTraits(tensor.type).name},
                           {"shape", tensor.shape}});
    }
    Json unpacked = Json::array();
    for (const DType type : info.unpackedTypes) unpacked.push_back(dtypeTraits(type).name);
    return {{"path", info.path.string()},
            {"name", info.name},
            {"architecture", info.architecture},
            {"description", info.description},
            {"license", info.license},
            {"quantization", info.quantization},
            {"parameters", info.parameters},
            {"active_parameters", info.activeParameters},
            {"file_bytes", info.fileBytes},
            {"bits_per_weight", info.bitsPerWeight},
            {"context_length", info.trainedContext},
            {"context_tokens", info.contextTokens},
            {"n_embd", info.nEmbd},
            {"n_layers", info.nLayers},
            {"n_heads", info.nHeads},
            {"n_kv_heads", info.nKvHeads},
            {"head_dim", info.headDim},
            {"n_feed_forward", info.nFeedForward},
            {"n_experts", info.nExperts},
            {"n_experts_used", info.nExpertsUsed},
            {"n_vocab", info.nVocab},
            {"tokenizer", info.tokenizer},
            {"chat_template", info.chatTemplate},
            {"template_problem", info.templateProblem},
            {"system_role", systemRoleName(info.systemRole)},
            {"has_thinking", info.hasThinking},
            {"bytes_per_token", info.bytesPerToken},
            {"memory", memoryJson(info.memory)},
            {"unpacked_types", std::move(unpacked)},
            {"tensors", std::move(tensors)}};
}

void printLine(std::string_view label, std::string_view value) {
    if (!value.empty()) print(fmt::format("{:<18} {}\n", label, value));
}

std::string unpackedText(const ModelInfo& info) {
    if (info.unpackedTypes.empty()) return {};
    std::string types;
    for (const DType type : info.unpackedTypes)
        types += fmt::format("{}{}", types.empty() ? "" : ", ", dtypeTraits(type).name);
    return types + " become F16 when the model is loaded: they take more memory than in the file";
}

void printText(const ModelInfo& info) {
    printLine("Name", info.name);
    printLine("Description", info.description);
    printLine("License", info.license);
    printLine("Architecture", info.architecture);
    printLine("Parameters", info.nExperts == 0 ? countText(info.parameters)
                                               : fmt::format("{}, of which a token needs {}",
                                                             countText(info.parameters),
                                                             countText(info.activeParameters)));
    printLine("Quantization",
              fmt::format("{}, {:.2f} bits per weight", info.quantization, info.bitsPerWeight));
    printLine("File", bytesText(info.fileBytes));
    printLine("Trained context", fmt::format("{} tokens", info.trainedContext));
    printLine("Layers", fmt::format("{}, embedding {}, feed-forward {}", info.nLayers, info.nEmbd,
                                    info.nFeedForward));
    if (info.nExperts > 0)
        printLine("Experts",
                  fmt::format("{} per layer, {} per token", info.nExperts, info.nExpertsUsed));
    printLine("Heads", fmt::format("{}, {} for keys and values, {} wide", info.nHeads,
                                   info.nKvHeads, info.headDim));
    printLine("Tokenizer", info.tokenizer);
    const std::string templateText =
        info.chatTemplate.empty()      ? "none; ChatML is used"
        : info.templateProblem.empty() ? fmt::format("{} characters{}{}", info.chatTemplate.size(),
                                                     info.hasThinking ? ", knows thinking" : "",
                                                     systemRoleNote(info.systemRole))
                                       : "not usable, ChatML is used: " + info.templateProblem;
    printLine("Chat template", templateText);
    std::map<std::string_view, std::size_t> types;
    for (const TensorSummary& tensor : info.tensors) ++types[dtypeTraits(tensor.type).name];
    std::string tensors;
    for (const auto& [type, count] : types) {
        tensors += fmt::format("{}{} {}", tensors.empty() ? "" : ", ", count, type);
    }
    printLine("Tensors", tensors);
    printLine("Unpacked", unpackedText(info));
    printLine(fmt::format("Memory at {}", info.contextTokens), memoryText(info.memory));
}

}  // namespace

int runInfo(const CommonOptions& common) {
    const auto info = inspectModel(common.load());
    if (!info) return printError(info.error(), common.isJson);
    if (common.isJson) {
        printJson(toJson(*info));
    } else {
        printText(*info);
    }
    return finishOutput();
}

}  // namespace sotto::cli

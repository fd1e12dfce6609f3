#include "engine/api/model_origin.h"

#include <initializer_list>
#include <string_view>
#include <system_error>

#include "base/guarded.h"
#include "engine/gguf/gguf_reader.h"

namespace sotto {
namespace {

std::string keyText(const GgufMetadata& metadata, std::string_view key) {
    return std::string(metadata.string(key).value_or(""));
}

// The first of several keys that says something.
std::string firstText(const GgufMetadata& metadata, std::initializer_list<std::string_view> keys) {
    for (const std::string_view key : keys)
        if (std::string text = keyText(metadata, key); !text.empty()) return text;
    return {};
}

}  // namespace

Result<ModelOrigin> readModelOrigin(const std::filesystem::path& model) {
    return guarded([&]() -> Result<ModelOrigin> {
        std::error_code error;
        if (std::filesystem::is_directory(model, error)) return ModelOrigin();
        SOTTO_ASSIGN(const GgufFile file, GgufFile::open(model));
        const GgufMetadata& metadata = file.metadata();
        ModelOrigin origin;
        origin.name = keyText(metadata, "general.name");
        origin.basename = keyText(metadata, "general.basename");
        origin.sizeLabel = keyText(metadata, "general.size_label");
        origin.finetune = keyText(metadata, "general.finetune");
        origin.address =
            firstText(metadata, {"general.source.repo_url", "general.source.url",
                                 "general.source.huggingface.repository", "general.repo_url"});
        origin.baseAddress = keyText(metadata, "general.base_model.0.repo_url");
        SOTTO_TRY(file.checkPages());
        return origin;
    });
}

}  // namespace sotto

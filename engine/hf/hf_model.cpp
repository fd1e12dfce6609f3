#include "engine/hf/hf_model.h"

#include <fmt/format.h>

#include <system_error>

#include "base/hub_cache.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/hf/hf_config.h"
#include "engine/hf/hf_vocabulary.h"

namespace sotto {
namespace {

namespace fs = std::filesystem;

// The vocabulary is made as long as the embedding: it must be what config.json says.
Status checkVocabularySize(const HfConfig& config, const std::vector<HfTensor>& tensors) {
    const std::int64_t nRows = tensors.front().plan.shape.back();
    if (nRows == config.nVocab) return {};
    return damagedFile(
        "config.json",
        fmt::format("'vocab_size' is {} and the embedding has {} rows", config.nVocab, nRows));
}

// The folder's own name; in the cache of Hugging Face's tools, where that is a hash
// (models--OWNER--NAME/snapshots/HASH), the model's.
std::string modelName(const fs::path& folder) {
    const fs::path whole = wholeFolder(folder);
    const std::string cached =
        whole.parent_path().filename() == "snapshots" ? cachedModelName(whole) : std::string();
    return cached.empty() ? whole.filename().string() : cached;
}

}  // namespace

Result<std::unique_ptr<HfModel>> HfModel::open(const fs::path& folder, PackedAs packedAs) {
    std::error_code error;
    if (!fs::exists(folder / "config.json", error))
        return fail(ErrorCode::FileNotFound,
                    fmt::format("The folder {} has no config.json: choose a model's own folder, or "
                                "a GGUF file.",
                                folderName(folder)),
                    folder.string());
    SOTTO_ASSIGN(const HfConfig config, readHfConfig(folder / "config.json"));
    SOTTO_ASSIGN(Checkpoint checkpoint, Checkpoint::open(folder));
    std::unique_ptr<HfModel> model(new HfModel(std::move(checkpoint)));
    SOTTO_ASSIGN(model->m_tensors, listHfTensors(config, model->m_checkpoint, packedAs));
    SOTTO_TRY(checkVocabularySize(config, model->m_tensors));
    model->m_method = config.quantization.method;
    model->m_files.push_back(folder / "config.json");
    SOTTO_ASSIGN(const HfVocabulary vocabulary, readHfVocabulary(folder, config, model->m_files));
    for (const fs::path& file : model->m_checkpoint.files()) model->m_files.push_back(file);

    GgufWriter writer;
    addConfigKeys(config, modelName(folder), writer);
    addVocabularyKeys(vocabulary, writer);
    for (const HfTensor& tensor : model->m_tensors) writer.addTensor(tensor.plan);
    SOTTO_ASSIGN(model->m_header, writer.headerBytes());
    SOTTO_ASSIGN(GgufFile declared, GgufFile::parseHeader(model->m_header, folderName(folder)));
    model->m_declared = std::make_unique<GgufFile>(std::move(declared));
    SOTTO_TRY(model->check());
    return model;
}

void HfModel::readRows(std::size_t tensorIndex, std::int64_t firstRow, std::int64_t nRows,
                       std::span<std::byte> out) const {
    readHfRows(m_tensors[tensorIndex], firstRow, nRows, out);
}

bool isHfFolder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

}  // namespace sotto

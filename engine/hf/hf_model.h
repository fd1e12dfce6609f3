// HfModel: a model's folder as Hugging Face's tools leave it (config.json, safetensors, tokenizer),
// seen as the GGUF that the field's converter would make of it.
//
// Flow: openTensorSource() quantizes from one, openModelFile() loads one. The keys and the list of
// tensors exist as the bytes of a GGUF's header; rows are converted when they are asked for, so
// that no tensor is ever whole in memory. Owns the mappings of the weights. Immutable; any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/hf/checkpoint.h"
#include "engine/hf/hf_tensors.h"

namespace sotto {

class HfModel {
public:
    // Errors: FileNotFound (no config.json, weights, part of them or tokenizer; named),
    // FileUnreadable, FileDamaged, Unsupported (architecture, tensor, tokenizer; named).
    static Result<std::unique_ptr<HfModel>> open(const std::filesystem::path& folder,
                                                 PackedAs packedAs = PackedAs::F32);

    // A GGUF up to its tensors' data.
    std::span<const std::byte> header() const { return m_header; }
    // The same, parsed: its tensors have no bytes.
    const GgufFile& declared() const { return *m_declared; }

    // Rows [firstRow, firstRow + nRows) of a tensor of declared(), all dimensions but the first
    // flattened, in the tensor's type.
    void readRows(std::size_t tensorIndex, std::int64_t firstRow, std::int64_t nRows,
                  std::span<std::byte> out) const;

    // Of "quantization_config"; empty where the weights are floats.
    const std::string& quantizationMethod() const { return m_method; }

    // Whether all that was read is what the files hold. Errors: FileUnreadable, FileDamaged.
    Status check() const { return m_checkpoint.check(); }
    // All that was read, the weights last.
    const std::vector<std::filesystem::path>& files() const { return m_files; }

private:
    explicit HfModel(Checkpoint checkpoint) : m_checkpoint(std::move(checkpoint)) {}

    Checkpoint m_checkpoint;
    std::vector<std::filesystem::path> m_files;
    std::string m_method;
    std::vector<HfTensor> m_tensors;
    std::vector<std::byte> m_header;
    std::unique_ptr<GgufFile> m_declared;  // of m_header
};

// Whether `path` is such a folder rather than a file.
bool isHfFolder(const std::filesystem::path& path);

}  // namespace sotto

// Loads a model's weights: config → weight table → prepared matrices, with progress and cancel.
//
// Runs on the engine thread (or a job's). The result owns the file's mapping and everything made
// from it; the KernelSet must outlive it.
#pragma once

#include <functional>
#include <memory>

#include "engine/base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/model/model_config.h"
#include "engine/model/weight_table.h"
#include "engine/model/weights.h"

namespace sotto {

// A file that was read and checked, before its weights are touched.
struct ModelFile {
    explicit ModelFile(GgufFile opened) : file(std::move(opened)) {}

    GgufFile file;
    ModelConfig config;
    WeightTable table;
};

// Errors: those of GgufFile::open, readModelConfig and buildWeightTable.
Result<std::unique_ptr<ModelFile>> openModelFile(const std::filesystem::path& path);
// The same for a file in memory; `bytes` must outlive the result.
Result<std::unique_ptr<ModelFile>> parseModelFile(std::span<const std::byte> bytes,
                                                  std::string nameForErrors);

// Fraction of the bytes read, 0..1; returns false to cancel.
using LoadSink = std::function<bool(double fraction)>;

// Errors: FileDamaged (the file changed since it was opened), OutOfMemory, Cancelled.
Result<Weights> loadWeights(const ModelFile& model, KernelSet& kernels, const LoadSink& sink);

// Bytes of Weights::vectors for this model: the dry run of the same layout.
std::uint64_t vectorBytes(const ModelConfig& config, const WeightTable& table);

}  // namespace sotto

// Loads a model's weights: config → weight table → prepared matrices, with progress and cancel.
//
// Runs on the engine thread (or a job's). The result owns what was prepared; the KernelSets must
// outlive it, and so must the file where matrices are used in place.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/hf/hf_model.h"
#include "engine/kernels/kernel_sizes.h"
#include "engine/model/model_config.h"
#include "engine/model/model_part.h"
#include "engine/model/weight_table.h"
#include "engine/model/weights.h"
#include "engine/quant/random_weights.h"

namespace sotto {

// A file that was read and checked, before its weights are touched.
struct ModelFile {
    explicit ModelFile(GgufFile opened) : file(std::move(opened)) {}

    GgufFile file;
    ModelConfig config;
    WeightTable table;
    // Of a random model the file has no tensor data: matrices are made from this seed
    // (engine/quant/random_weights.h), on the device where it can, and vectors are ones.
    std::optional<std::uint64_t> randomSeed;
    // Of a folder of Hugging Face's form `file` has no tensor data either: rows are converted as
    // they are loaded. Null of a GGUF.
    std::unique_ptr<HfModel> folder;

    // The bytes of rows of a tensor of `file`, where they lie or in `scratch`. Not of a random
    // model.
    std::span<const std::byte> rows(const GgufTensor& tensor, std::int64_t firstRow,
                                    std::int64_t nRows, std::vector<std::byte>& scratch) const;
    // Whether what was read so far is what the files hold: lost pages read as zeros. Errors:
    // FileUnreadable, FileDamaged.
    Status checkPages() const { return folder ? folder->check() : file.checkPages(); }
    // The recipe of a matrix of a random model.
    RandomMatrix randomMatrix(const GgufTensor& tensor) const;
};

// A GGUF, or a folder of Hugging Face's form. Errors: those of GgufFile::open or HfModel::open,
// readModelConfig and buildWeightTable.
Result<std::unique_ptr<ModelFile>> openModelFile(const std::filesystem::path& path);
// The same for a file in memory; `bytes` must outlive the result.
Result<std::unique_ptr<ModelFile>> parseModelFile(std::span<const std::byte> bytes,
                                                  std::string nameForErrors);
// A random model of the keys and tensors that `header` declares (GgufWriter::headerBytes()), which
// must outlive the result.
Result<std::unique_ptr<ModelFile>> randomModelFile(std::span<const std::byte> header,
                                                   std::string nameForErrors, std::uint64_t seed);

// What the headers of all parts of a model declare, to be planned and never loaded; they must
// outlive the result.
Result<std::unique_ptr<ModelFile>> declaredModelFile(
    std::span<const std::span<const std::byte>> headers, std::string nameForErrors);

// Fraction of the bytes read, 0..1; returns false to cancel.
using LoadSink = std::function<bool(double fraction)>;

// Errors: FileDamaged (the file changed since it was opened), OutOfMemory, Cancelled.
// `nThreads`: as in EngineOptions, for matrices that are unpacked on the processor.
Result<Weights> loadWeights(const ModelFile& model, std::span<const ModelPart> parts,
                            const LoadSink& sink, int nThreads = 0);
// The same with everything on one set.
Result<Weights> loadWeights(const ModelFile& model, KernelSet& kernels, const LoadSink& sink);

// Bytes of a part's buffer in Weights::vectors: the dry run of the same layout.
std::uint64_t vectorBytes(const ModelConfig& config, const WeightTable& table,
                          const PartShare& share);
// Of all matrices of a part that are not used in place, of a set that takes these sizes.
std::uint64_t matrixBytes(const WeightTable& table, const KernelSizes& sizes,
                          const PartShare& share);

}  // namespace sotto

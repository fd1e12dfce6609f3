// Small valid models for tests: random weights by seed, a minimal vocabulary, every dimension and
// type adjustable.
//
// Flow: describeTinyModel() gives a writer to which a test may still add keys; tinyModelBytes() and
// writeTinyModel() do it all. The same seed gives the same floats whatever the tensor types are, so
// that quantized models can be compared with their F32 twin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/gguf/gguf_writer.h"

namespace sotto::test {

struct TinyModel {
    std::string architecture = "llama";  // llama, qwen2 (QKV biases), qwen3, qwen3moe (QK norms)
    std::uint32_t nLayers = 2;
    std::uint32_t nEmbd = 64;  // K types need rows of a multiple of 256: set nEmbd and nFf
    std::uint32_t nHeads = 4;
    std::uint32_t nKvHeads = 2;
    std::uint32_t headDim = 16;
    std::uint32_t nFf = 128;     // of each expert in a mixture
    std::uint32_t nExperts = 0;  // 0: dense
    std::uint32_t nExpertsUsed = 2;
    std::uint32_t nContext = 256;
    std::uint32_t nVocab = 320;  // at least the 314 pieces of tinyVocabulary()
    float ropeBase = 10000.0f;
    float normEpsilon = 1e-5f;
    bool hasOutputHead = true;         // false: tied to the embedding
    std::optional<bool> hasInputBias;  // of q, k and v; unset: as is usual of the architecture
    DType embeddingType = DType::F32;
    DType attentionType = DType::F32;
    DType feedForwardType = DType::F32;
    DType outputType = DType::F32;
    std::string chatTemplate;  // none when empty
    std::uint64_t seed = 1;
};

// Sets all four weight types; norms and biases stay F32, as in real files.
TinyModel withTypes(TinyModel model, DType type);

// For the emulated card, whose threads are slow: one layer, and heads of a length that the kernels
// for prompts and those for single tokens take, each in its own way.
TinyModel cardModel();

// Keys and tensors, without data.
GgufWriter describeTinyModel(const TinyModel& model);

// The weights of one tensor before quantization: uniform with variance 1 / shape[0] for matrices,
// near 1 for norms, small for biases.
std::vector<float> tinyTensorValues(const GgufTensorPlan& tensor, std::uint64_t seed);

// Data for any writer's tensors. The writer must outlive the source.
GgufRowSource tinyWeights(const GgufWriter& writer, std::uint64_t seed);

// Both fail only on a TinyModel that cannot be written (say, rows that the type cannot block).
Result<std::vector<std::byte>> tinyModelBytes(const TinyModel& model);
Status writeTinyModel(const TinyModel& model, const std::filesystem::path& path);

}  // namespace sotto::test

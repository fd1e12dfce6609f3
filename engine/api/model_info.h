// What is known of a model file: for `info`, the model picker and the events of loading.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/api/chat_template.h"
#include "engine/tensor/dtype.h"

namespace sotto {

struct TensorSummary {
    std::string name;
    DType type = DType::F32;
    std::vector<std::int64_t> shape;  // GGUF order: fastest dimension first
};

// What one decoded token needs of the matrices of one type: of experts those that it goes to, of an
// embedding table nothing.
struct WeightUse {
    DType type = DType::F32;
    std::uint64_t bytesPerToken = 0;          // as in the file
    std::uint64_t layerElementsPerToken = 0;  // without the head, which a prompt needs once

    bool operator==(const WeightUse&) const = default;
};

// Bytes needed at a context length: the allocator's own dry run.
struct MemoryEstimate {
    std::uint64_t weights = 0;  // mapped pages that will be read plus repacked copies
    std::uint64_t kv = 0;
    std::uint64_t scratch = 0;
    std::uint64_t total() const { return weights + kv + scratch; }
    MemoryEstimate operator+(const MemoryEstimate& more) const {
        return {weights + more.weights, kv + more.kv, scratch + more.scratch};
    }
};

// Why a model is not whole on a card.
enum class DeviceReason : std::uint8_t {
    None,          // it is, or no card was asked for
    AsChosen,      // LoadOptions::gpuLayers says so
    CardFull,      // some layers fit, the others run on the processor
    CardTooSmall,  // nothing fits: the processor does all
    CardUnusable,  // there is a card, but not for this program; ModelInfo::deviceNote says why
};

struct ModelInfo {
    std::filesystem::path path;
    std::string name;          // general.name, else the file's name
    std::string architecture;  // "llama"
    std::string description;   // general.description; may be empty
    std::string license;       // general.license; may be empty
    std::string quantization;  // as people say it: "Q4_K_M", from general.file_type, else the
                               // commonest type
    std::uint64_t parameters = 0;
    std::uint64_t activeParameters = 0;  // that one token needs; fewer in a mixture of experts
    std::uint64_t fileBytes = 0;         // all shards
    double bitsPerWeight = 0;
    std::int64_t trainedContext = 0;  // tokens
    std::int64_t contextTokens = 0;   // tokens `memory` is for, or that was loaded
    // Of a loaded model: tokens of the fitted context with which memory ran out while it was
    // loaded, before it was loaded with fewer; 0: it did not.
    std::int64_t shortenedFrom = 0;
    std::int64_t nEmbd = 0, nLayers = 0, nHeads = 0, nKvHeads = 0, headDim = 0, nFeedForward = 0,
                 nVocab = 0;
    std::int64_t nExperts = 0, nExpertsUsed = 0;  // of a layer, and of them by a token; 0: dense
    std::string tokenizer;     // "spm, 32000 pieces" / "bpe (llama-bpe), 128256 pieces"
    std::string chatTemplate;  // the Jinja source; empty when the file has none
    std::string
        templateProblem;  // why the file's template cannot be used (then ChatML is), else empty
    // Its tokenizer is a BPE one and the file does not say how it cuts words (tokenizer.ggml.pre):
    // a guess is used.
    bool isPreTokenizerMissing = false;
    SystemRole systemRole = SystemRole::Taken;  // of the template that is used
    bool hasThinking = false;                   // the template knows a thinking block
    MemoryEstimate memory;                      // on all devices
    // Of a loaded model: where it lies ("cuda NVIDIA …, sm_89").
    std::string device;
    // Of a loaded or planned one: how many of its layers are on a card, and why not more, as a
    // sentence; empty when there is nothing to explain.
    std::int64_t nGpuLayers = 0;
    DeviceReason deviceReason = DeviceReason::None;
    std::string deviceNote;
    // Weights read by one decode step (embedding table without, head with).
    std::uint64_t bytesPerToken = 0;
    // What of both is the card's.
    MemoryEstimate cardMemory;
    std::uint64_t cardBytesPerToken = 0;
    // Of a loaded or planned one with LoadOptions::draft: what that is called, and what of `memory`
    // is its; empty: it has none.
    std::string draftName;
    std::filesystem::path draftPath;
    MemoryEstimate draftMemory;
    std::vector<TensorSummary> tensors;
    std::vector<WeightUse> weightUse;  // in the order of the types' numbers
    // Types of matrices that no kernel computes with, in the same order: these are F16 in memory
    // once the model is loaded, and nothing is forecast of its speed.
    std::vector<DType> unpackedTypes;
};

}  // namespace sotto

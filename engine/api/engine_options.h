// What a caller chooses before and while loading a model. Plain values.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/device/product_choice.h"
#include "engine/tensor/kv_type.h"

namespace sotto {

class PrefixStore;  // engine/api/prefix_store.h

// Reference: slow, double accumulation, the definition; for tests, `doctor` and comparisons with
// golden logits.
enum class KernelChoice : std::uint8_t { Fast, Reference };

struct EngineOptions {
    std::string device = "auto";  // auto | cpu | cuda[:N]
    int nThreads = 0;             // 0: DeviceInfo::nThreads
    KernelChoice kernels = KernelChoice::Fast;
    // Of a card's prompts. Library: loading fails where there is a card without it.
    ProductPath products = ProductPath::Measured;
    ProductMemory* productMemory = nullptr;  // or null: measured at every load; outlives the engine
    // Measure the memory's read and copy rate once, before the first load (under two seconds); MBU
    // stays 0 without it.
    bool isMeasuringBandwidth = true;
    // Host memory for the cache of answers that are paused while others need the room, at most a
    // quarter of what is available; what has no place there is computed again. 0: all of it.
    std::uint64_t maxAsideBytes = std::uint64_t{1} << 30;
    // What was computed stays in the cache while nobody needs the room, so that a request that
    // begins with the same tokens goes on from there; the tokens are the same.
    bool isKeepingPrefixes = true;
    // Where what was kept so outlives the engine, for requests that allow it
    // (GenerationRequest::isLasting); null: nowhere. It outlives the engine.
    PrefixStore* prefixStore = nullptr;
    // Milliseconds that the end of a model waits at most for what was not given to that store yet.
    std::int64_t prefixFlushMs = 500;
    // Prompts are read in the steps that go on with answers; false: in turn with them, a whole
    // chunk at a time. The tokens are the same.
    bool isMixingSteps = true;
    // Milliseconds that a step may take for a prompt's sake while an answer is being written; more
    // where the model is slower (at most twice what a step takes without) or prompts stand in line.
    double answerStepMs = 50;
    // On a card below compute capability 9.0: products ask for the first weights of those that
    // follow while they end. Not measured yet, so off; the tokens are the same.
    bool isAskingAhead = false;
};

// LoadOptions::gpuLayers beside a plain number of layers.
inline constexpr std::int32_t kGpuLayersAuto = -1;  // as many as fit
inline constexpr std::int32_t kGpuLayersAll = -2;   // or an error

struct LoadOptions {
    std::filesystem::path path;  // GGUF file; the first shard of a split is enough
    std::int64_t contextTokens =
        0;  // 0: the largest that fits, up to the model's own and at most 32768
    // contextTokens was fitted to the memory that was free: where some of that is gone, the largest
    // context that still fits takes its place.
    bool isContextFitted = false;
    KvTypes kv;
    std::int64_t prefillChunk = 512;          // rows per prefill step
    std::int32_t gpuLayers = kGpuLayersAuto;  // the last layers of the model; without a card: none
    std::string device;  // of this load, as in EngineOptions; empty: the engine's own
    // A small model of the same vocabulary (engine/api/draft_model.h) that is loaded beside it and
    // guesses for it (DraftKind::Model); empty: none.
    std::filesystem::path draft;
};

}  // namespace sotto

// What a model file says of itself, without loading its weights: for `info`, the picker and load
// dialogs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "engine/api/engine_options.h"
#include "engine/api/model_info.h"

namespace sotto {

// Reads metadata and tensor index, checks them, and runs the allocator's dry run at
// `options.contextTokens`, as on the processor. Errors: FileNotFound, FileUnreadable, FileDamaged,
// Unsupported.
Result<ModelInfo> inspectModel(const LoadOptions& options);

// The files that a model at `path` is read from (all parts of a split), by their names: what
// nothing that is made from it may replace (AtomicFileOptions::inputs).
std::vector<std::filesystem::path> modelFiles(const std::filesystem::path& path);

// What a model may take, and of what.
struct PlanSpace {
    std::uint64_t processorBytes = UINT64_MAX;
    std::optional<std::uint64_t> cardBytes;  // nothing: no card takes part
    int nThreads = 0;                        // as in EngineOptions; the scratch depends on it
    std::uint64_t cardTotalBytes = 0;        // of the card, of which 2 % stay free; 0: not known
    ProductPath products = ProductPath::Measured;  // as in EngineOptions: cuBLAS wants scratch
};

struct PlannedModel {
    // With memory, context and layers as a load would choose them; without what the vocabulary and
    // the template say: neither is read for a list.
    ModelInfo info;
    // In a shorter context than was asked for, or than a load without a wish aims at (32,768, or
    // the model's own).
    bool isShortened = false;
    // It does not fit: OutOfMemory with both numbers and what would fit. `info` then says what it
    // would take on the processor, or on both devices where the layers on the card were chosen.
    std::optional<Error> shortage;
};

// The plan that a load makes, for this much memory and without opening a card, so that a list of
// files may ask it for each. cuBLAS counts where it is installed; one that then refuses to start
// leaves a load up to 100 MiB of the card that the plan had given it. A context that was asked for
// and does not fit gives way to the largest that does. Errors: those of inspectModel(); Unsupported
// where LoadOptions::device names a card whose kernels cannot compute the layers that would lie on
// it, as a load then fails.
Result<PlannedModel> planModel(const LoadOptions& options, const PlanSpace& space);

// The same for a file of which only the beginning is here: the header up to its tensor index, as a
// hub sends it by range or as GgufWriter makes it. `name` stands in sentences; `options.path` is
// not looked at. `info.fileBytes` is the tensors' sum: the file is a little longer. Errors:
// FileDamaged (also: the header goes on), Unsupported.
Result<PlannedModel> planHeader(std::span<const std::byte> header, const std::string& name,
                                const LoadOptions& options, const PlanSpace& space);

// The same of a model in several parts, by the headers of all of them in order. Further errors:
// FileDamaged where they are not the parts of one model.
Result<PlannedModel> planHeaders(std::span<const std::span<const std::byte>> headers,
                                 const std::string& name, const LoadOptions& options,
                                 const PlanSpace& space);

// How long the header is at least that begins with `header`: more than its size while it goes on,
// else at most that; planHeader() then says what is wrong with it, if anything is. Of a hostile
// file up to UINT64_MAX.
std::uint64_t wantedHeaderBytes(std::span<const std::byte> header);

// Whether this build knows what a card's kernels take: without CUDA there is no plan for one.
bool canPlanForCards();

// What a card gives for a context of this program before any model: not known before it is made,
// a few hundred MiB with today's drivers. To be left out of PlanSpace::cardBytes where this program
// has nothing on the card yet.
inline constexpr std::uint64_t kCardContextBytes = std::uint64_t{512} << 20;

}  // namespace sotto

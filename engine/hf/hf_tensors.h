// The tensors that a GGUF of a family has, each with where its rows are in a checkpoint.
//
// Flow: hf_model lists them, declares them in its header and reads their rows. What names, shapes
// and the order of rows differ in between the two worlds is here and nowhere else. Plain values
// that borrow the checkpoint. Source of the names: the models' own code (transformers,
// modeling_*.py) and ggml docs/gguf.md.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/hf/hf_config.h"
#include "engine/hf/stored_matrix.h"

namespace sotto {

struct HfTensor {
    GgufTensorPlan plan;
    std::vector<std::unique_ptr<StoredMatrix>> stored;  // more than one: experts, one after another
    std::vector<float> values;                          // computed: then nothing is stored
    // Rows of a head of this many are stored as two halves, whose rows alternate here; 0: as they
    // are.
    std::int64_t pairedRows = 0;
};

// What matrices that are stored as codes come as: F32, which has their values, or F16, which takes
// half the memory and rounds each once more, as all that has no kernels is when it is loaded
// (engine/model/unpacked_weight.h).
enum class PackedAs : std::uint8_t { F32, F16 };

// Errors: those of openStoredMatrix(); FileDamaged (one that is missing, named), Unsupported (one
// that nothing here knows, named).
Result<std::vector<HfTensor>> listHfTensors(const HfConfig& config, const Checkpoint& checkpoint,
                                            PackedAs packedAs);

// `out`: rows [firstRow, firstRow + nRows) in the plan's type, all dimensions but the first
// flattened.
void readHfRows(const HfTensor& tensor, std::int64_t firstRow, std::int64_t nRows,
                std::span<std::byte> out);

}  // namespace sotto

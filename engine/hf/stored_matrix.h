// StoredMatrix: a matrix (or vector) of a checkpoint, row by row, in a type that GGUF has, whatever
// form it is stored in.
//
// Place: hf_tensors makes one for each matrix that a GGUF tensor is put together from; hf_model
// reads their rows. Floats of 16 and 32 bits come as they are. What is stored as codes (FP8 with
// scales, GPTQ, AWQ, the four bits of bitsandbytes) comes as float32, in which the field's own
// definitions of these forms are exact or rounded once. Borrows the checkpoint's bytes. Reading is
// pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "engine/hf/checkpoint.h"
#include "engine/tensor/dtype.h"

namespace sotto {

// "quantization_config" of config.json.
struct HfQuantization {
    std::string method;            // "gptq", "awq", "bitsandbytes", "fp8", …; empty: none
    std::int64_t nBits = 4;        // GPTQ, AWQ
    std::int64_t groupSize = 128;  // inputs that share a scale; -1: all
    bool isZeroOffByOne = true;    // GPTQ's first form stores the zero point less one
    std::int64_t scaleRows = 128;  // FP8: the block that shares a scale
    std::int64_t scaleColumns = 128;
};

class StoredMatrix {
public:
    virtual ~StoredMatrix() = default;

    std::int64_t nRows() const { return m_nRows; }
    std::int64_t nColumns() const { return m_nColumns; }
    bool isVector() const { return m_isVector; }
    DType type() const { return m_type; }         // F32, F16 or BF16
    bool isPacked() const { return m_isPacked; }  // stored as codes

    // `out` has rowBytes(type(), nColumns()) bytes.
    virtual void readRow(std::int64_t row, std::span<std::byte> out) const = 0;

protected:
    std::int64_t m_nRows = 1;
    std::int64_t m_nColumns = 0;
    bool m_isVector = false;
    bool m_isPacked = true;
    DType m_type = DType::F32;
};

// The matrix that the model's own code calls `name` ("model.layers.0.mlp.up_proj.weight"), or null
// where the checkpoint has none. Errors: FileDamaged (parts of it that do not fit together),
// Unsupported (a form that is not known, named).
Result<std::unique_ptr<StoredMatrix>> openStoredMatrix(const Checkpoint& checkpoint,
                                                       const std::string& name,
                                                       const HfQuantization& quantization);

// Whose stored form a tensor is part of (its scales, zeros, …): the name of that matrix, as for
// openStoredMatrix(); empty: of use to nobody who reads weights. Nothing: it is no such part.
std::optional<std::string> storedFormOwner(const std::string& name);

}  // namespace sotto

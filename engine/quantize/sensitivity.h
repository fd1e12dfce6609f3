// measureSensitivity: what each tensor of a source would lose as each of some types, from a sample
// of its rows and without running the model.
//
// The loss is the energy of the error in what the matrix gives out, relative to the energy of what
// it gives: with E[x_c^2] of each input column out of the importance matrix (without one: all the
// same), sum over rows and columns of E[x_c^2] (w' - w)^2 / sum of E[x_c^2] w^2, as if columns were
// uncorrelated. Rows are taken evenly over the tensor and quantized as the run will quantize them.
// Memory: one tensor's sample.
// Source: the weighted error that the importance matrices of the field are made for, and
// llama.cpp#15550, which spends bits by it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/quant/quantize.h"
#include "engine/quantize/importance.h"
#include "engine/quantize/tensor_source.h"

namespace sotto {

struct TypeLoss {
    DType type = DType::F32;
    // Of a value's energy: 0.01 is an error of a tenth of its size. 0 of the source's own type,
    // which is copied.
    double loss = 0;
    double samplingError = 0;  // the standard error of `loss`; 0 where all rows were looked at
};

// What a row loses, or several together: weighted sums of the errors' squares and of the values'.
struct RowLoss {
    double error = 0;
    double energy = 0;

    RowLoss& operator+=(const RowLoss& other) {
        error += other.error;
        energy += other.energy;
        return *this;
    }
    // 0 of zeros, which every type holds.
    double share() const { return energy > 0 ? error / energy : 0; }
};

// Of one row [columns]: `back` in place of `values`, each column weighing `importance` (empty: all
// the same).
RowLoss rowLoss(std::span<const float> values, std::span<const float> back,
                std::span<const float> importance);

// Of one tensor, and in which types.
struct SensitivityWish {
    std::size_t tensorIndex = 0;
    std::vector<DType> types;  // that its width can take
};

struct SensitivityArgs {
    const TensorSource& source;
    const ImportanceMatrix* importance = nullptr;  // may be null
    QuantizeMethod method = QuantizeMethod::Search;
    ThreadPool& pool;
    // Called before each tensor with how many are done; false cancels. May be empty.
    std::function<bool(std::size_t nDone)> progress = {};
};

// Of each wish the losses of its types in their order. Errors: FileDamaged (a weight that is no
// number), FileUnreadable, Cancelled.
Result<std::vector<std::vector<TypeLoss>>> measureSensitivity(
    const SensitivityArgs& args, std::span<const SensitivityWish> wishes);

}  // namespace sotto

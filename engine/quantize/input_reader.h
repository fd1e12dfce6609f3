// InputReader: reads a calibration text with the model that is quantized and tells what comes to
// its matrices.
//
// A seam: the model runs above this layer (engine/api/calibration_reader.h), and tests tell inputs
// of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/quantize/input_products.h"

namespace sotto {

// Of one matrix, or of one of a stack. Matrices that nothing comes to are left as they are.
struct InputWish {
    std::string tensor;
    std::int32_t matrix = 0;
    InputProducts* products = nullptr;  // empty
};

class InputReader {
public:
    virtual ~InputReader() = default;

    // That one read() reads.
    virtual std::int64_t nTokens() const = 0;

    // The whole text once, from its beginning; the products are finished then. `progress` is told
    // how many tokens are done, and cancels with false. Errors: Cancelled, FileDamaged (inputs that
    // are no numbers, the matrix named), those of running the model.
    virtual Status read(std::span<const InputWish> wishes, ThreadPool& pool,
                        const std::function<bool(std::int64_t)>& progress) = 0;
};

}  // namespace sotto

// Whether a test of the real card may be skipped: only where SOTTO_MAY_LACK_CARD says so, as ctest
// does. Where a card is to be proved, one that does not open is a failure.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

#include "engine/kernels/cuda/cuda_kernels.h"

namespace sotto {

// Why there is no card to test, where there need not be one.
inline std::optional<std::string> missingCard() {
    if (std::getenv("SOTTO_MAY_LACK_CARD") == nullptr) return std::nullopt;
    const auto kernels = createCudaKernels({});
    return kernels ? std::nullopt : std::optional(kernels.error().message);
}

}  // namespace sotto

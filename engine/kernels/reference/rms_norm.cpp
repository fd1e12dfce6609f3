// y = x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich 2019, equation 4, with epsilon).
#include <cmath>

#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {

void rmsNorm(const RmsNormArgs& args) {
    for (std::int64_t token = 0; token < args.nTokens; ++token) {
        const float* x = args.x + token * args.width;
        float* out = args.out + token * args.width;
        double sumOfSquares = 0;
        for (std::int64_t dim = 0; dim < args.width; ++dim)
            sumOfSquares += static_cast<double>(x[dim]) * x[dim];
        const double mean = sumOfSquares / static_cast<double>(args.width);
        const double inverse = 1.0 / std::sqrt(mean + static_cast<double>(args.epsilon));
        for (std::int64_t dim = 0; dim < args.width; ++dim)
            out[dim] = static_cast<float>(x[dim] * inverse * args.weight[dim]);
    }
}

}  // namespace sotto::reference

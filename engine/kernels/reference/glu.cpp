// Gated linear units (Shazeer 2020): activation(gate) * up, with
// silu(x) = x / (1 + exp(-x)) and gelu(x) = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
#include <cmath>
#include <numbers>

#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {
namespace {

double activation(GluKind kind, double x) {
    if (kind == GluKind::Silu) return x / (1.0 + std::exp(-x));
    const double inner = std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x);
    return 0.5 * x * (1.0 + std::tanh(inner));
}

}  // namespace

void glu(const GluArgs& args) {
    const std::int64_t nElements = args.nTokens * args.width;
    for (std::int64_t element = 0; element < nElements; ++element)
        args.out[element] =
            static_cast<float>(activation(args.kind, args.gate[element]) * args.up[element]);
}

}  // namespace sotto::reference

#include "engine/model/weights.h"

#include <cmath>

namespace sotto {

std::uint64_t Weights::bytesPerStep(std::int64_t nRows) const {
    const double share = 1.0 - std::pow(1.0 - expertShare, double(nRows));
    return bytesPerToken +
           static_cast<std::uint64_t>(double(expertBytes) * std::fmax(0.0, share - expertShare));
}

}  // namespace sotto

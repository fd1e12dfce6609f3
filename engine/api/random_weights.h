// Random but valid tensor rows of every type, made at memory speed: for synthetic benchmark models.
//
// Codes are random bits; block scales are chosen so that the weights have mean about zero and the
// asked deviation, which keeps activations of a deep random model finite. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/tensor/dtype.h"

namespace sotto {

// Fills `out`, a whole number of blocks of `type`. The same seed gives the same bytes.
void fillRandomRow(DType type, float deviation, std::uint64_t seed, std::span<std::byte> out);

}  // namespace sotto

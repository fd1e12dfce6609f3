// The smallest synthetic model whose rows every tensor type can hold: what tests take or vary.
#pragma once

#include "engine/api/synthetic_model.h"

namespace sotto::test {

inline constexpr SyntheticShape kSmallShape{.name = "small",
                                            .nEmbd = 256,
                                            .nFeedForward = 512,
                                            .nLayers = 2,
                                            .nHeads = 4,
                                            .nKvHeads = 2,
                                            .headDim = 64,
                                            .nVocab = 320,
                                            .isTied = true};

}  // namespace sotto::test

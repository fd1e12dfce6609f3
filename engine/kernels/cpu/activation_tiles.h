// How the tokens of a linear step are cut into tiles, and where each tile's int8 activations lie.
//
// Pure functions of the shapes, so that quantizing and multiplying agree without talking.
#pragma once

#include <cstdint>

#include "engine/device/buffer.h"
#include "engine/kernels/cpu/kernel_table.h"

namespace sotto::cpu {

struct TokenTile {
    std::int64_t firstToken = 0;
    int nTokens = 0;
};

// Full tiles of the table's largest size come first, then ever smaller ones.
TokenTile tileOfToken(const KernelTable& table, std::int64_t nTokens, std::int64_t token);

// The planes of a whole step (kernel_table.h); tiles follow each other in each plane.
struct ActivationPlanes {
    ActivationTile first;
};

std::uint64_t activationBytes(std::int64_t maxTokens, std::int64_t maxCols);
ActivationPlanes layOutActivations(const Buffer& buffer, std::int64_t nTokens, std::int64_t nCols);
ActivationTile activationTile(const ActivationPlanes& planes, std::int64_t firstToken,
                              std::int64_t nCols);

// Row groups that one chunk of the pool takes.
std::int64_t groupsPerChunk(std::int64_t nCols, std::int64_t nTokens);

// Tokens whose activations one thread keeps in its second-level cache while it walks over the rows
// of its chunk; a multiple of the largest tile.
std::int64_t panelTokens(const KernelTable& table, std::int64_t nCols);

}  // namespace sotto::cpu

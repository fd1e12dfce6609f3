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

// As few tiles as the table's largest size allows, since each unpacks all weights anew; larger by
// at most one at the front than at the end. Whether even ones are faster than full ones and a rest
// is open: in whole steps no difference rose above the spread.
struct TokenTiles {
    std::int64_t nTokens = 0;
    std::int64_t nTiles = 0;

    TokenTiles(const KernelTable& table, std::int64_t nAllTokens);
    TokenTile tile(std::int64_t index) const;
    TokenTile ofToken(std::int64_t token) const;
};

// The planes of a whole step (kernel_table.h); tiles follow each other in each plane.
struct ActivationPlanes {
    ActivationTile first;
};

std::uint64_t activationBytes(std::int64_t maxTokens, std::int64_t maxCols);
ActivationPlanes layOutActivations(const Buffer& buffer, std::int64_t nTokens, std::int64_t nCols);
ActivationTile activationTile(const ActivationPlanes& planes, std::int64_t firstToken,
                              std::int64_t nCols);

// Tiles whose activations one thread keeps in its second-level cache while it walks over the rows
// of its chunk.
std::int64_t tilesPerPanel(const KernelTable& table, std::int64_t nCols);

// Row groups that one chunk of the pool takes, of nGroups that are walked once for each panel.
std::int64_t groupsPerChunk(std::int64_t nGroups, std::int64_t nCols, std::int64_t nPanels,
                            int nThreads);

}  // namespace sotto::cpu

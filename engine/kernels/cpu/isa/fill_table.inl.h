// Fills the table with the templates of one vector type V; the last step of every isa/<name>.cpp.
#pragma once

#include "engine/kernels/cpu/isa/attention.inl.h"
#include "engine/kernels/cpu/isa/elementwise.inl.h"
#include "engine/kernels/cpu/isa/linear_float.inl.h"
#include "engine/kernels/cpu/isa/linear_packed.inl.h"
#include "engine/kernels/cpu/isa/read_memory.inl.h"

namespace sotto::cpu {

// kTileTokens: the largest tile whose accumulators the registers hold.
template <class V, int kTileTokens>
constexpr KernelTable filledTable() {
    KernelTable table;
    fillPackedTiles<V, kTileTokens>(table);
    fillFloatTiles<V>(table);
    table.quantizeToken = quantizeToken<V>;
    table.rmsNormRow = rmsNormRow<V>;
    table.glu = glu<V>;
    table.ropeStoreRun = ropeStoreRun<V>;
    table.attentionTile = attentionTile<V>;
    table.attentionMerge = attentionMerge<V>;
    table.readMemory = readMemory<V>;
    return table;
}

}  // namespace sotto::cpu

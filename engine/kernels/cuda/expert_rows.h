// Decode of a mixture of experts: up to 8 token rows, each times the matrices of its own experts.
//
// The main loop and the records are those of linear_rows with one token; a pair is one expert of
// one token, pair = token * nUsed + n. Which experts those are is read on the device. An expert
// that two tokens chose is read twice, the second time from L2. Launch functions only; the pointers
// are device memory. Engine thread.
#pragma once

#include <cstdint>

#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/route_experts.h"

namespace sotto::cuda {

enum class ExpertEpilogue : std::uint8_t {
    Store,  // one matrix: out[pair, :] = W_e x
    Glu,    // matrices gate, up: next (a row per pair) = activation(gate_e x) * up_e x
    Mix,    // one matrix: out[token, :] += sum over n of weights[token, n] * W_e x[pair]; then as
            // RowsEpilogue::Residual, a row of `next` per token
};

struct ExpertRowsArgs {
    ActivationPlane x;  // a row per token, or per pair (isPerPair; always so for Mix)
    bool isPerPair = false;
    std::int32_t nTokens = 0;  // 1..8
    std::int32_t nUsed = 0;    // experts per token
    std::int32_t nCols = 0;
    ChosenExperts chosen;    // [nTokens, nUsed]; weights for Mix alone
    RowsMatrix matrices[2];  // records of the whole stack; nRows of one expert; no bias
    ExpertEpilogue epilogue = ExpertEpilogue::Store;
    GluKind glu = GluKind::Silu;
    ActivationPlane next;             // Glu, Mix; values == nullptr for Mix: nothing is written
    const float* nextNorm = nullptr;  // Mix: [nRows] or null, as for RowsEpilogue::Residual
};

// Packed types; for Glu both of the same ActivationKind.
void launchExpertRows(const ExpertRowsArgs& args, const LaunchStream& on);

}  // namespace sotto::cuda

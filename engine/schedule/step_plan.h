// StepPlan: what one step computes, as plain data. Written by the scheduler, carried out by
// step_executor, looked at by tests.
#pragma once

#include <cstdint>
#include <vector>

namespace sotto {

enum class StepKind : std::uint8_t {
    Idle,
    Prefill,  // a chunk of one prompt
    Decode,   // one token of each decoding sequence
};

// Consecutive tokens of one request: its tokens[firstPosition .. firstPosition + nTokens).
struct StepSlice {
    std::size_t requestIndex = 0;
    std::int64_t firstPosition = 0;
    std::int64_t nTokens = 0;
    bool isWantingLogits = false;  // of its last token
};

struct StepPlan {
    StepKind kind = StepKind::Idle;
    std::vector<StepSlice> slices;
};

}  // namespace sotto

// The next token of each row of logits, chosen on the device: sampling_steps.h over the top
// candidates.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/cuda/sample.h"
#include "engine/tensor/token_choice.h"

namespace sotto::cuda {

// What the device tells of a row, before its candidates. `token` is what the next step embeds.
struct ChosenHeader {
    std::int32_t token = -1;  // -1: the candidates do not decide
    std::int32_t isUnusable = 0;
    float highest = 0;
    float sumOfExp = 0;
    float logit = 0;  // of the token, before penalties
    std::int32_t padding[3] = {};
};

// The results of a step lie in one block, so that one copy brings them: headers [nRows], then the
// candidates' logits [nRows, k], then their ids [nRows, k].
struct ChoiceLayout {
    std::int32_t nRows = 0;
    std::int32_t k = 0;

    std::size_t logitsOffset() const { return sizeof(ChosenHeader) * rows(); }
    std::size_t idsOffset() const { return logitsOffset() + sizeof(float) * rows() * size_t(k); }
    std::size_t bytes() const { return idsOffset() + sizeof(std::int32_t) * rows() * size_t(k); }

private:
    std::size_t rows() const { return static_cast<std::size_t>(nRows); }
};

// The count of candidates for a step whose largest wish is `nWanted`: few sizes, so that few
// recordings differ in it.
std::int32_t candidateCount(std::int32_t nWanted);

struct ChooseTokensLaunch {
    float* logits = nullptr;  // [nRows, nVocab]; those of penalized tokens change
    std::int64_t nVocab = 0;
    const DeviceChoice* choices = nullptr;  // [nRows]
    // Where at least one row is penalized, its tokens (sample.h); null otherwise.
    const PenalizedToken* penalized = nullptr;
    // The step's input tokens, of which -1 - n stands for the one that `results` holds for row n
    // from the step before, and which of them the rows of logits belong to; null: none is fed.
    const std::int32_t* tokenIds = nullptr;
    const std::int32_t* outputRows = nullptr;  // [nRows]
    ChoiceLayout layout;           // k: topK and nTopLogits of every row are at most that
    std::byte* results = nullptr;  // layout.bytes(), aligned to 16
    std::byte* scratch = nullptr;  // chooseTokensScratchBytes()
};
std::int64_t chooseTokensScratchBytes(std::int64_t nVocab, std::int32_t nRows, std::int32_t k);
void launchChooseTokens(const ChooseTokensLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda

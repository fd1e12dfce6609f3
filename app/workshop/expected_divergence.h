// expectedDivergence(): what a mix will probably cost, before it is made: the mean KL divergence of
// its answers from the source's, in nats per token.
//
// Of Llama 3 8B on wikitext-2, as llama.cpp's own table has it; a model that was trained longer or
// is smaller loses more, a larger one less, so that it is shown as a prediction only. Pure.
#pragma once

#include <span>
#include <string_view>

namespace sotto::app {

// 0: nothing is known of this mix.
double expectedDivergence(std::string_view type, bool hasImportance);

struct SizedDivergence {
    double bitsPerWeight = 0;
    double nats = 0;  // 0: not known
};
// Of so many bits per weight, which are spent at least as well as those mixes spend theirs: between
// the neighbours of those that no smaller one beats, logarithmically. 0: larger or smaller than
// all.
double divergenceAt(double bitsPerWeight, std::span<const SizedDivergence> mixes);

// The scale that all mixes are drawn on: where a divergence stands, 0 (left) to 1. Logarithmic,
// from 0.0001, which no answer shows, to 1.
double placeOfDivergence(double nats);

}  // namespace sotto::app

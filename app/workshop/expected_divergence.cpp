#include "app/workshop/expected_divergence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace sotto::app {
namespace {

struct MixDivergence {
    std::string_view type;
    double plain = 0;
    double withImportance = 0;
};

// llama.cpp examples/perplexity/README.md, Llama-3-8B; those of IQ types were made with an
// importance matrix. What that table lacks:
// - Q4_1, Q5_0, Q5_1: Q4_0's by the ratios of tests/bench/results/quantize_quality.md (0.69 and
//   0.25, middle of three models), and Q4_0 with an importance matrix likewise (0.93);
// - Q3_K_L, Q3_K_S, Q2_K_S, IQ4_NL, IQ3_S, IQ3_XS, IQ2_S to IQ1_M: between their neighbours by bits
//   per weight, logarithmically.
// MXFP4 and TQ are for models that were trained for them: no figure is true of others.
constexpr std::array kDivergences{
    MixDivergence{"F16", .00019, .00019},  MixDivergence{"BF16", .00055, .00055},
    MixDivergence{"Q8_0", .00136, .00136}, MixDivergence{"Q6_K", .00545, .00545},
    MixDivergence{"Q5_K_M", .0108, .0108}, MixDivergence{"Q5_K_S", .0166, .0166},
    MixDivergence{"Q5_1", .0122, .0122},   MixDivergence{"Q5_0", .0177, .0177},
    MixDivergence{"Q4_K_M", .0313, .0282}, MixDivergence{"Q4_K_S", .0431, .0320},
    MixDivergence{"Q4_1", .0496, .0461},   MixDivergence{"Q4_0", .0719, .0669},
    MixDivergence{"IQ4_NL", .0350, .0350}, MixDivergence{"IQ4_XS", .0363, .0363},
    MixDivergence{"Q3_K_L", .0692, .0572}, MixDivergence{"Q3_K_M", .102, .0844},
    MixDivergence{"Q3_K_S", .189, .150},   MixDivergence{"IQ3_M", .1025, .1025},
    MixDivergence{"IQ3_S", .127, .127},    MixDivergence{"IQ3_XS", .146, .146},
    MixDivergence{"IQ3_XXS", .184, .184},  MixDivergence{"Q2_K", .445, .332},
    MixDivergence{"Q2_K_S", .635, .474},   MixDivergence{"IQ2_M", .326, .326},
    MixDivergence{"IQ2_S", .457, .457},    MixDivergence{"IQ2_XS", .631, .631},
    MixDivergence{"IQ2_XXS", .964, .964},  MixDivergence{"IQ1_M", 1.63, 1.63},
    MixDivergence{"IQ1_S", 2.25, 2.25},
};

constexpr double kLeastShown = 1e-4;  // nats per token

}  // namespace

double expectedDivergence(std::string_view type, bool hasImportance) {
    const auto found = std::ranges::find(kDivergences, type, &MixDivergence::type);
    if (found == kDivergences.end()) return 0;
    return hasImportance ? found->withImportance : found->plain;
}

double divergenceAt(double bitsPerWeight, std::span<const SizedDivergence> mixes) {
    std::optional<SizedDivergence> below, above;
    for (const SizedDivergence& mix : mixes) {
        const bool isBeaten = std::ranges::any_of(mixes, [&mix](const SizedDivergence& other) {
            return other.nats > 0 && other.bitsPerWeight <= mix.bitsPerWeight &&
                   other.nats < mix.nats;
        });
        if (isBeaten || mix.nats <= 0) continue;
        if (mix.bitsPerWeight <= bitsPerWeight &&
            (!below || mix.bitsPerWeight > below->bitsPerWeight))
            below = mix;
        if (mix.bitsPerWeight >= bitsPerWeight &&
            (!above || mix.bitsPerWeight < above->bitsPerWeight))
            above = mix;
    }
    if (!below || !above) return 0;
    const double width = above->bitsPerWeight - below->bitsPerWeight;
    if (width <= 0) return above->nats;
    const double share = (bitsPerWeight - below->bitsPerWeight) / width;
    return std::exp((1 - share) * std::log(below->nats) + share * std::log(above->nats));
}

double placeOfDivergence(double nats) {
    if (nats <= kLeastShown) return 0;
    return std::min(1.0, 1 - std::log10(nats) / std::log10(kLeastShown));
}

}  // namespace sotto::app

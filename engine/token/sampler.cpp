#include "engine/token/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/token/fast_exp.h"
#include "engine/token/philox.h"

namespace sotto {

namespace {

// Below this k one pass with a small heap beats selecting in the list of all tokens.
constexpr std::int32_t kMaxHeapTopK = 512;

// Draws of a position that are independent of its plain one: other keys of the generator.
constexpr std::uint64_t kAcceptanceDraws = 0x9E3779B97F4A7C15;
constexpr std::uint64_t kOtherDraws = 0xC2B2AE3D27D4EB4F;

// exp(-87) = 1.6e-38 is nothing beside the most likely token's 1.
constexpr float kNegligible = -87.0F;

Status outOfRange(std::string_view field, std::string_view range) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} must be {}.", field, range),
                std::string(field));
}

bool isCandidateBefore(const Candidate& left, const Candidate& right) {
    return left.logit != right.logit ? left.logit > right.logit : left.token < right.token;
}

// The last tokens that penalties look at, of which the newest `nUnknown` are missing.
std::span<const std::int32_t> penaltyWindow(std::span<const std::int32_t> history,
                                            std::int32_t penaltyTokens, std::int64_t nUnknown) {
    if (penaltyTokens < 0) return history;
    const std::int64_t nTokens =
        std::clamp<std::int64_t>(penaltyTokens - nUnknown, 0, std::ssize(history));
    return history.last(static_cast<std::size_t>(nTokens));
}

bool isUnusable(std::span<const float> logits) {
    return std::ranges::none_of(logits, [](float logit) { return std::isfinite(logit); });
}

// The largest, without NaN; lanes as in sumOfExp().
float highestOf(std::span<const float> logits) {
    constexpr std::size_t kLanes = 16;
    std::array<float, kLanes> highest;
    highest.fill(-std::numeric_limits<float>::infinity());
    std::size_t start = 0;
    for (; start + kLanes <= logits.size(); start += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const float logit = logits[start + lane];
            highest[lane] = logit > highest[lane] ? logit : highest[lane];
        }
    }
    float most = *std::ranges::max_element(highest);
    for (; start < logits.size(); ++start) most = logits[start] > most ? logits[start] : most;
    return most;
}

// Of the largest logit, with nothing counted that is far below it.
float surenessOf(std::span<const float> logits, float highest) {
    constexpr float kFar = 7.0F;  // a thousandth of its probability
    float sum = 0;
    for (const float logit : logits)
        if (logit > highest - kFar) sum += std::exp(logit - highest);
    return sum > 0 ? 1 / sum : 0;
}

// Partial sums side by side, so that the loop needs no order of additions: 16 floats fill the
// vector registers of any machine. Few enough terms per lane (16,000 of 256,000) for floats.
double sumOfExp(std::span<const float> logits, float highest) {
    constexpr std::size_t kLanes = 16;
    std::array<float, kLanes> sums{};
    std::size_t start = 0;
    for (; start + kLanes <= logits.size(); start += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const float difference = logits[start + lane] - highest;
            // NaN fails the comparison: it counts as impossible, like everything far below.
            const float bounded = difference > kNegligible ? difference : kNegligible;
            sums[lane] += expOfNonPositive(bounded < 0 ? bounded : 0.0F);
        }
    }
    double sum = 0;
    for (; start < logits.size(); ++start) sum += std::exp(cleanLogit(logits[start]) - highest);
    for (const float lane : sums) sum += static_cast<double>(lane);
    return sum;
}

}  // namespace

Status checkSamplingSettings(const SamplingSettings& settings, std::int32_t nVocab) {
    // Written as "not inside", so that NaN is refused too.
    const auto isInside = [](float value, float low, float high) {
        return value >= low && value <= high;
    };
    constexpr float kMax = std::numeric_limits<float>::max();
    if (!isInside(settings.temperature, 0, kMax)) return outOfRange("temperature", "0 or more");
    if (settings.topK < 0) return outOfRange("topK", "0 (off) or more");
    if (!isInside(settings.topP, 0, 1)) return outOfRange("topP", "between 0 and 1");
    if (!isInside(settings.minP, 0, 1)) return outOfRange("minP", "between 0 and 1");
    if (!isInside(settings.typicalP, 0, 1)) return outOfRange("typicalP", "between 0 and 1");
    if (!(settings.repeatPenalty > 0) || settings.repeatPenalty > kMax) {
        return outOfRange("repeatPenalty", "more than 0");
    }
    if (!std::isfinite(settings.presencePenalty)) return outOfRange("presencePenalty", "finite");
    if (!std::isfinite(settings.frequencyPenalty)) return outOfRange("frequencyPenalty", "finite");
    if (settings.penaltyTokens < -1) return outOfRange("penaltyTokens", "-1 or more");
    if (!isInside(settings.dry.multiplier, 0, kMax))
        return outOfRange("dry.multiplier", "0 or more");
    if (!isInside(settings.dry.base, 1, kMax)) return outOfRange("dry.base", "1 or more");
    if (settings.dry.allowedLength < 1) return outOfRange("dry.allowedLength", "1 or more");
    if (settings.dry.lastTokens < -1) return outOfRange("dry.lastTokens", "-1 or more");
    if (settings.nAlternatives < 0 || settings.nAlternatives > kMaxAlternatives) {
        return outOfRange("nAlternatives", fmt::format("between 0 and {}", kMaxAlternatives));
    }
    for (const auto& [token, bias] : settings.logitBias) {
        if (token < 0 || token >= nVocab) {
            return outOfRange("logitBias", fmt::format("for tokens 0 to {}", nVocab - 1));
        }
        if (std::isnan(bias)) return outOfRange("logitBias", "a number");
    }
    return {};
}

Sampler::Sampler(SamplingSettings settings, std::uint64_t seed, std::int32_t nVocab,
                 DryBreakers breakers, std::size_t nMaxHistory)
    : m_settings(std::move(settings)), m_seed(seed), m_breakers(std::move(breakers)) {
    const auto nTokens = static_cast<std::size_t>(nVocab);
    m_logits.resize(nTokens);
    m_candidates.reserve(nTokens);
    m_counts.assign(nTokens, 0);
    m_top.reserve(kMaxAlternatives);
    if (hasPenalties()) m_penalized.reserve(kMaxPenalized);
    if (m_settings.dry.multiplier > 0) m_dry.reserve(nTokens, nMaxHistory);
}

bool Sampler::hasPenalties() const {
    return m_settings.penaltyTokens != 0 &&
           (m_settings.repeatPenalty != 1.0F || m_settings.presencePenalty != 0.0F ||
            m_settings.frequencyPenalty != 0.0F);
}

SampledToken Sampler::sample(std::span<const float> logits, std::span<const std::int32_t> history,
                             std::int64_t step) {
    logits = logits.first(std::min(logits.size(), m_logits.size()));
    adjustLogits(logits, history);
    m_drawn = {};
    return describe(logits, m_settings.temperature <= 0 ? argmax(m_logits) : draw(step));
}

SampledToken Sampler::guess(std::span<const float> logits, std::span<const std::int32_t> history,
                            std::int64_t step) {
    logits = logits.first(std::min(logits.size(), m_logits.size()));
    adjustLogits(logits, history);
    m_drawn = {};
    SampledToken sampled;
    if (m_settings.temperature <= 0) {
        sampled.token = argmax(m_logits);
        sampled.probability =
            surenessOf(m_logits, m_logits[static_cast<std::size_t>(sampled.token)]);
    } else {
        sampled.token = draw(step);
        const auto drawn = std::ranges::find(m_drawn, sampled.token, &Candidate::token);
        if (drawn != m_drawn.end()) sampled.probability = drawn->probability;
    }
    sampled.isUnusable = isUnusable(logits);
    return sampled;
}

SampledToken Sampler::sampleGuessed(std::span<const float> logits,
                                    std::span<const std::int32_t> history, std::int64_t step,
                                    const DrawnGuess& guess) {
    if (m_settings.temperature <= 0) return sample(logits, history, step);
    logits = logits.first(std::min(logits.size(), m_logits.size()));
    adjustLogits(logits, history);
    m_drawn = {};
    const RejectionDraws draws{uniformOf(step, kAcceptanceDraws), uniformOf(step, kOtherDraws)};
    return describe(logits, pickAfterGuess(distribution(), guess, draws, m_guessed));
}

SampledToken Sampler::describe(std::span<const float> logits, std::int32_t token) {
    SampledToken sampled;
    sampled.token = token;
    rateRaw(logits, sampled);
    sampled.isUnusable = isUnusable(logits);
    return sampled;
}

void Sampler::adjustLogits(std::span<const float> logits, std::span<const std::int32_t> history) {
    std::transform(logits.begin(), logits.end(), m_logits.begin(), cleanLogit);
    // A shorter row than promised: the missing tokens cannot be chosen.
    std::fill(m_logits.begin() + static_cast<std::ptrdiff_t>(logits.size()), m_logits.end(),
              -std::numeric_limits<float>::infinity());
    applyLogitBias(m_logits, m_settings.logitBias);
    if (hasPenalties()) {
        const auto window = penaltyWindow(history, m_settings.penaltyTokens, 0);
        applyPenalties(m_logits, window, m_settings, m_counts);
    }
    m_dry.apply(m_logits, history, m_settings.dry, m_breakers);
}

// The k best in one pass: a heap whose root is the worst kept. Nearly every logit fails the one
// comparison with the root.
void Sampler::gatherTopK(std::size_t k) {
    for (std::size_t token = 0; token < m_logits.size(); ++token) {
        const float logit = m_logits[token];
        if (m_candidates.size() < k) {
            m_candidates.push_back({static_cast<std::int32_t>(token), logit, 0});
            std::push_heap(m_candidates.begin(), m_candidates.end(), isCandidateBefore);
        } else if (logit > m_candidates.front().logit) {  // on a tie the smaller id stays
            std::pop_heap(m_candidates.begin(), m_candidates.end(), isCandidateBefore);
            m_candidates.back() = {static_cast<std::int32_t>(token), logit, 0};
            std::push_heap(m_candidates.begin(), m_candidates.end(), isCandidateBefore);
        }
    }
}

void Sampler::gatherCandidates() {
    m_candidates.clear();
    const std::int32_t k = m_settings.topK;
    if (k > 0 && k <= kMaxHeapTopK) {
        gatherTopK(static_cast<std::size_t>(k));
        return;
    }
    for (std::size_t token = 0; token < m_logits.size(); ++token) {
        m_candidates.push_back({static_cast<std::int32_t>(token), m_logits[token], 0});
    }
}

std::int32_t Sampler::draw(std::int64_t step) {
    m_drawn = distribution();
    return pick(m_drawn, uniformOf(step));
}

// What is left of the tokens, with the probabilities that the settings give them.
std::span<Candidate> Sampler::distribution() {
    gatherCandidates();
    std::span<Candidate> candidates = m_candidates;
    // Without top-k the list stays unsorted until a step needs an order.
    if (m_settings.topK > 0) candidates = candidates.first(keepTopK(candidates, m_settings.topK));
    candidates = candidates.first(keepTypical(candidates, m_settings.typicalP));
    candidates = candidates.first(keepTopP(candidates, m_settings.topP));
    candidates = candidates.first(keepMinP(candidates, m_settings.minP));
    applyTemperature(candidates, m_settings.temperature);
    softmax(candidates);
    return candidates;
}

double Sampler::uniformOf(std::int64_t step, std::uint64_t kind) const {
    return uniformAt(m_seed ^ kind, static_cast<std::uint64_t>(step + m_nForgotten));
}

std::optional<TokenChoice> Sampler::deviceChoice(std::span<const std::int32_t> history,
                                                 std::int64_t step) {
    if (!m_settings.logitBias.empty() || m_settings.dry.multiplier > 0) return std::nullopt;
    TokenChoice choice;
    choice.nTopLogits = std::max(1, m_settings.nAlternatives);
    if (m_settings.temperature > 0) {
        const bool isCutting = m_settings.topK > 0 || m_settings.topP < 1 || m_settings.minP > 0;
        if (!isCutting || m_settings.typicalP < 1 || m_settings.topK > kMaxCandidates)
            return std::nullopt;
        choice.uniform = uniformOf(step);
        choice.temperature = m_settings.temperature;
        choice.topK = m_settings.topK;
        choice.topP = m_settings.topP;
        choice.minP = m_settings.minP;
        choice.nTopLogits =
            std::max(choice.nTopLogits, choice.topK > 0 ? choice.topK : kMaxCandidates);
    }
    if (hasPenalties() && !choosePenalties(history, step, choice)) return std::nullopt;
    return choice;
}

// False where they are the host's: a row that the device may hand back must be as the model gave
// it, and alternatives are told as the model ranks them.
bool Sampler::choosePenalties(std::span<const std::int32_t> history, std::int64_t step,
                              TokenChoice& choice) {
    if (!choice.isCertain() || m_settings.nAlternatives > 0) return false;
    // The newest token, where only the device knows it, takes a place of the window.
    const std::int64_t nUnknown = step - std::ssize(history);
    if (!listPenalized(penaltyWindow(history, m_settings.penaltyTokens, nUnknown))) return false;
    choice.isPenalizing = true;
    choice.repeatPenalty = m_settings.repeatPenalty;
    choice.presencePenalty = m_settings.presencePenalty;
    choice.frequencyPenalty = m_settings.frequencyPenalty;
    choice.penalized = m_penalized;
    return true;
}

// Each token of the window once, in order of first occurrence; false when there are too many.
bool Sampler::listPenalized(std::span<const std::int32_t> window) {
    m_penalized.clear();
    const auto isInside = [&](std::int32_t token) {
        return token >= 0 && static_cast<std::size_t>(token) < m_counts.size();
    };
    for (const std::int32_t token : window)
        if (isInside(token)) ++m_counts[static_cast<std::size_t>(token)];
    bool hasRoom = true;
    for (const std::int32_t token : window) {
        if (!isInside(token)) continue;
        std::uint32_t& count = m_counts[static_cast<std::size_t>(token)];
        hasRoom &= count == 0 || std::ssize(m_penalized) < kMaxPenalized;
        if (count > 0 && hasRoom) m_penalized.push_back({token, static_cast<std::int32_t>(count)});
        count = 0;
    }
    return hasRoom;
}

SampledToken Sampler::describe(const ChosenToken& chosen) {
    SampledToken sampled;
    sampled.token = chosen.token;
    sampled.isUnusable = chosen.isUnusable;
    m_top.clear();
    if (!std::isfinite(chosen.highest)) return sampled;
    const auto probabilityOf = [&](float logit) {
        return std::exp(cleanLogit(logit) - chosen.highest) / chosen.sumOfExp;
    };
    sampled.probability = probabilityOf(chosen.logit);
    const auto nWanted = static_cast<std::size_t>(m_settings.nAlternatives);
    for (std::size_t index = 0; index < std::min(nWanted, chosen.topIds.size()); ++index)
        if (chosen.topIds[index] >= 0)
            m_top.push_back({chosen.topIds[index], probabilityOf(chosen.topLogits[index])});
    sampled.alternatives = m_top;
    return sampled;
}

// Probabilities as the model itself gives them, before any setting bends them.
void Sampler::rateRaw(std::span<const float> logits, SampledToken& sampled) {
    const float highest = cleanLogit(highestOf(logits));
    m_top.clear();
    if (!std::isfinite(highest)) return;
    const double sum = sumOfExp(logits, highest);
    const auto probabilityOf = [&](float logit) {
        return static_cast<float>(std::exp(cleanLogit(logit) - highest) / sum);
    };

    const auto sampledIndex = static_cast<std::size_t>(sampled.token);
    if (sampledIndex < logits.size()) sampled.probability = probabilityOf(logits[sampledIndex]);
    const auto nWanted = static_cast<std::size_t>(m_settings.nAlternatives);
    if (nWanted == 0) return;
    // Insertion into a list of at most 20: kept by logit first, turned into probabilities after.
    for (std::size_t token = 0; token < logits.size(); ++token) {
        const float logit = cleanLogit(logits[token]);
        if (m_top.size() == nWanted) {
            if (!(logit > m_top.back().probability)) continue;
            m_top.pop_back();
        }
        const auto place = std::find_if(m_top.begin(), m_top.end(), [logit](const auto& entry) {
            return logit > entry.probability;
        });
        m_top.insert(place, {static_cast<std::int32_t>(token), logit});
    }
    for (TokenProbability& entry : m_top) entry.probability = probabilityOf(entry.probability);
    sampled.alternatives = m_top;
}

}  // namespace sotto

// chooseTokens, where a set chooses tokens itself: against the plain definition in double
// precision.
//
// A token is right when the draw lies in its interval of the running sum; the bound is what float
// probabilities may move a border by. Two steps in a row, the second of them fed by the first and
// penalizing what it was fed with.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/selftest/case_data.h"

namespace sotto::selftest {
namespace {

// A probability in float is off by 2^-24 of itself and by exp's few units; sums over 256 of them.
constexpr double kBorder = 1e-5;

struct ChoiceCase {
    std::int64_t nVocab;
    std::int32_t nRows;
    TokenChoice choice;  // its uniform and list are the case's own
    const char* name;
};

struct Row {
    std::vector<double> logits;
    std::vector<std::int32_t> order;  // by logit, the smaller id first
};

Row penalizedRow(const float* logits, std::int64_t nVocab, const TokenChoice& choice,
                 std::int32_t fed) {
    Row row;
    row.logits.assign(logits, logits + nVocab);
    row.order.resize(row.logits.size());
    std::vector<PenalizedToken> listed(choice.penalized.begin(), choice.penalized.end());
    if (fed >= 0) {
        const auto place = std::ranges::find(listed, fed, &PenalizedToken::token);
        if (place == listed.end())
            listed.push_back({fed, 1});
        else
            ++place->count;
    }
    for (const PenalizedToken& token : listed) {
        if (!choice.isPenalizing) break;
        double& logit = row.logits[static_cast<std::size_t>(token.token)];
        logit = logit > 0 ? logit / double{choice.repeatPenalty} : logit * choice.repeatPenalty;
        logit -= double{choice.presencePenalty} + double{choice.frequencyPenalty} * token.count;
    }
    std::iota(row.order.begin(), row.order.end(), 0);
    std::ranges::stable_sort(row.order, [&row](std::int32_t left, std::int32_t right) {
        return row.logits[static_cast<std::size_t>(left)] >
               row.logits[static_cast<std::size_t>(right)];
    });
    return row;
}

// Where the running sum stands before and after `token` when the steps were taken; both 2 when the
// steps leave it out.
struct Interval {
    double begin = 2;
    double end = 2;
};

Interval intervalOf(const Row& row, const TokenChoice& choice, std::int32_t token) {
    const auto logitAt = [&row](std::size_t place) {
        return row.logits[static_cast<std::size_t>(row.order[place])];
    };
    if (choice.temperature <= 0) return token == row.order[0] ? Interval{0, 1} : Interval{};
    std::size_t nKept = row.order.size();
    if (choice.topK > 0) nKept = std::min(nKept, static_cast<std::size_t>(choice.topK));
    const auto sumOf = [&](double temperature) {
        double sum = 0;
        for (std::size_t place = 0; place < nKept; ++place)
            sum += std::exp((logitAt(place) - logitAt(0)) / temperature);
        return sum;
    };
    if (choice.topP < 1) {
        const double total = sumOf(1);
        double sum = 0;
        for (std::size_t place = 0; place < nKept; ++place) {
            sum += std::exp(logitAt(place) - logitAt(0)) / total;
            if (sum >= double{choice.topP}) nKept = place + 1;
        }
    }
    while (nKept > 1 && std::exp(logitAt(nKept - 1) - logitAt(0)) < double{choice.minP}) --nKept;
    const double total = sumOf(choice.temperature);
    Interval interval;
    double sum = 0;
    for (std::size_t place = 0; place < nKept; ++place) {
        const double before = sum;
        sum += std::exp((logitAt(place) - logitAt(0)) / choice.temperature) / total;
        if (row.order[place] == token) interval = {before, sum};
    }
    return interval;
}

struct Step {
    std::vector<std::int32_t> tokenIds, positions, sequenceIndex, outputRows, block{0};
    std::vector<BlockTableView> tables;
    std::vector<TokenChoice> choices;

    Step(const ChoiceCase& test, const std::vector<PenalizedToken>& listed, Random& random,
         bool isFed) {
        for (std::int32_t row = 0; row < test.nRows; ++row) {
            tokenIds.push_back(isFed ? -1 - row : 0);
            positions.push_back(isFed ? 1 : 0);
            sequenceIndex.push_back(row);
            outputRows.push_back(row);
            tables.push_back({block});
            choices.push_back(test.choice);
            choices.back().uniform = random.uniform();
            if (test.choice.isPenalizing) choices.back().penalized = listed;
        }
    }
    StepInputs inputs() const {
        return {tokenIds, {positions, sequenceIndex, tables}, outputRows, choices};
    }
};

// Appends the step's errors and returns its tokens.
std::vector<std::int32_t> judge(const ChoiceCase& test, const Step& step,
                                const std::vector<float>& logits, const StepOutcome& outcome,
                                const std::vector<std::int32_t>& fed, ErrorMeter& errors) {
    std::vector<std::int32_t> tokens;
    for (std::size_t index = 0; index < outcome.chosen.size(); ++index) {
        const ChosenToken& chosen = outcome.chosen[index];
        const TokenChoice& choice = step.choices[index];
        const float* raw = logits.data() + static_cast<std::int64_t>(index) * test.nVocab;
        const Row row = penalizedRow(raw, test.nVocab, choice, fed.empty() ? -1 : fed[index]);
        const Interval interval = intervalOf(row, choice, chosen.token);
        const double nearest = std::clamp(choice.uniform, interval.begin, interval.end);
        const auto place = static_cast<std::int64_t>(index);
        errors.add("draw", place, choice.uniform, nearest, kBorder);
        tokens.push_back(chosen.token);
        if (chosen.token < 0 || chosen.token >= test.nVocab) continue;
        errors.add("logit", place, double{raw[chosen.token]}, double{chosen.logit}, 0);
        double sum = 0;
        const double highest = double{*std::max_element(raw, raw + test.nVocab)};
        for (std::int64_t token = 0; token < test.nVocab; ++token)
            sum += std::exp(double{raw[token]} - highest);
        errors.add("highest", place, highest, double{chosen.highest}, 0);
        errors.add("sum", place, sum, double{chosen.sumOfExp}, kBorder * sum);
    }
    return tokens;
}

SelftestResult runChoice(KernelSet& subject, const ChoiceCase& test) {
    Random random(static_cast<std::uint64_t>(test.nVocab) * 31 +
                  static_cast<std::uint64_t>(test.nRows));
    const std::vector<float> logits = gaussians(random, test.nVocab * test.nRows);
    std::vector<PenalizedToken> listed;
    for (std::int32_t token = 0; token < std::min<std::int64_t>(test.nVocab, 200); token += 2)
        listed.push_back({token, 1 + token % 3});
    KernelLimits limits{
        .maxTokens = test.nRows, .maxCols = 64, .maxHeads = 1, .maxHeadDim = 64, .maxContext = 64};
    limits.maxVocab = test.nVocab;
    if (const Status ready = subject.reserve(limits); !ready) return couldNotRun(ready.error());

    ErrorMeter errors;
    std::vector<std::int32_t> fed;
    for (const bool isFed : {false, true}) {
        DeviceCopies copies(subject);
        float* const rows = copies.put(logits);  // penalties change them
        if (!copies.status()) return couldNotRun(copies.status().error());
        const Step step(test, listed, random, isFed);
        const auto outcome = subject.runStep(step.inputs(), [&]() -> Status {
            subject.chooseTokens({.logits = rows, .nVocab = test.nVocab, .choices = step.choices});
            return {};
        });
        if (!outcome) return couldNotRun(outcome.error());
        if (outcome->chosen.size() != step.choices.size())
            return {false, 0, 0, "no tokens were chosen"};
        fed = judge(test, step, logits, *outcome, fed, errors);
    }
    return errors.result();
}

}  // namespace

void addChoiceCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    if (!subject.isChoosing()) return;
    TokenChoice greedy;
    TokenChoice usual;
    usual.temperature = 0.8f;
    usual.topK = usual.nTopLogits = 40;
    usual.topP = 0.95f;
    usual.minP = 0.05f;
    TokenChoice wide = usual;
    wide.temperature = 2.0f;
    wide.topK = wide.nTopLogits = kMaxCandidates;
    wide.topP = 1.0f;
    wide.minP = 0.0f;
    TokenChoice nucleus = usual;
    nucleus.topK = 0;
    nucleus.nTopLogits = kMaxCandidates;
    TokenChoice penalized = usual;
    penalized.isPenalizing = true;
    penalized.repeatPenalty = 1.2f;
    penalized.presencePenalty = 0.5f;
    penalized.frequencyPenalty = 0.3f;
    const ChoiceCase table[] = {
        {320, 1, greedy, "greedy"},
        {128256, 8, greedy, "greedy"},
        {1, 1, usual, "usual"},
        {4097, 2, usual, "usual"},
        {151936, 1, usual, "usual"},
        {32000, 8, wide, "256 candidates"},
        {9000, 3, nucleus, "whole row"},
        {320, 2, penalized, "penalized"},
        {32000, 8, penalized, "penalized"},
    };
    for (const ChoiceCase& test : table)
        cases.push_back({std::string("chooseTokens ") + test.name + ", " +
                             std::to_string(test.nVocab) + " tokens, " +
                             std::to_string(test.nRows) + " rows",
                         [&subject, test] { return runChoice(subject, test); }});
}

}  // namespace sotto::selftest

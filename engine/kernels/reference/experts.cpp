// The mixture of experts as experts.h defines it, token by token and expert by expert.
#include "engine/kernels/experts.h"

#include <cmath>
#include <limits>
#include <vector>

#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {
namespace {

struct Chosen {
    std::int32_t expert = 0;
    double weight = 0;
};

// The nUsed most probable experts of one row.
std::vector<Chosen> chooseExperts(std::vector<double> logits, const ExpertChoice& choice) {
    constexpr double kLowest = -std::numeric_limits<double>::infinity();
    std::vector<bool> isTaken(logits.size(), false);
    double highest = kLowest;
    for (const double logit : logits)
        if (logit > highest) highest = logit;
    double sum = 0;
    for (const double logit : logits) sum += std::exp(logit - highest);

    std::vector<Chosen> chosen;
    double chosenSum = 0;
    for (std::int32_t place = 0; place < choice.nUsed; ++place) {
        std::size_t best = logits.size();
        for (std::size_t expert = 0; expert < logits.size(); ++expert) {
            if (isTaken[expert]) continue;
            const auto valueOf = [&](std::size_t index) {
                return std::isnan(logits[index]) ? kLowest : logits[index];
            };
            if (best == logits.size() || valueOf(expert) > valueOf(best)) best = expert;
        }
        isTaken[best] = true;
        const double weight = std::exp(logits[best] - highest) / sum;
        chosen.push_back({static_cast<std::int32_t>(best), weight});
        chosenSum += weight;
    }
    if (choice.isNormalized)
        for (Chosen& expert : chosen) expert.weight /= chosenSum;
    return chosen;
}

double dot(const std::vector<float>& row, const float* x) {
    double sum = 0;
    for (std::size_t col = 0; col < row.size(); ++col) sum += double(row[col]) * x[col];
    return sum;
}

// y[row] = stack[firstRow + row, :] x.
std::vector<float> product(const Weight& stack, std::int64_t firstRow, std::int64_t nRows,
                           const float* x) {
    const auto& weight = static_cast<const ReferenceWeight&>(stack);
    std::vector<float> row(static_cast<std::size_t>(weight.nCols));
    std::vector<float> y;
    for (std::int64_t rowIndex = firstRow; rowIndex < firstRow + nRows; ++rowIndex) {
        weight.row(rowIndex, row.data());
        y.push_back(static_cast<float>(dot(row, x)));
    }
    return y;
}

}  // namespace

void experts(const ExpertsArgs& args) {
    rmsNorm(args.norm);
    const std::int64_t nEmbd = args.norm.width;
    const std::int64_t nInner = args.down->nCols;
    for (std::int64_t token = 0; token < args.norm.nTokens; ++token) {
        const float* x = args.norm.out + token * nEmbd;
        const std::vector<float> logits = product(*args.router, 0, args.choice.nExperts, x);
        std::vector<double> mixed(static_cast<std::size_t>(nEmbd), 0.0);
        for (const Chosen& chosen : chooseExperts({logits.begin(), logits.end()}, args.choice)) {
            std::vector<float> gate = product(*args.gate, chosen.expert * nInner, nInner, x);
            const std::vector<float> up = product(*args.up, chosen.expert * nInner, nInner, x);
            glu({.kind = args.glu,
                 .gate = gate.data(),
                 .up = up.data(),
                 .out = gate.data(),
                 .nTokens = 1,
                 .width = nInner});
            const std::vector<float> y =
                product(*args.down, chosen.expert * nEmbd, nEmbd, gate.data());
            for (std::size_t dim = 0; dim < mixed.size(); ++dim)
                mixed[dim] += chosen.weight * y[dim];
        }
        float* out = args.out + token * nEmbd;
        for (std::int64_t dim = 0; dim < nEmbd; ++dim)
            out[dim] = static_cast<float>(out[dim] + mixed[static_cast<std::size_t>(dim)]);
    }
}

}  // namespace sotto::reference

// experts: every type and mixes of them, few rows and many, few experts and as many as models have.
//
// The router is of floats, as in every file, so that rounding does not send a row elsewhere. The
// bound of an element follows the errors of each product (dotNoise) through the gate, |act'|
// <= 1.13, and the product with up into down.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "engine/kernels/experts.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/selftest/case_data.h"

namespace sotto::selftest {
namespace {

constexpr double kSteepestGate = 1.13;
constexpr float kNormEpsilon = 1e-6f;

struct ExpertCase {
    DType gate, up, down;
    std::int64_t nEmbd, nInner, nTokens;
    ExpertChoice choice;
    DType router = DType::F32;
    GluKind glu = GluKind::Silu;
    // A second layer behind it, which is told of: what a set makes on the way out for the next
    // norm.
    bool isChained = false;
    std::uint64_t seed = 0;
};

using enum DType;
const ExpertCase kCases[] = {
    {F32, F32, F32, 32, 64, 1, {4, 2, true}},
    {F32, F32, F32, 64, 32, 19, {7, 3, false}},
    {F16, F16, F16, 96, 64, 5, {6, 2, true}, F16, GluKind::Silu, true},
    {BF16, BF16, BF16, 64, 96, 21, {5, 2, true}, F32, GluKind::GeluTanh},
    {Q8_0, Q8_0, Q8_0, 64, 32, 1, {128, 8, true}, F32, GluKind::Silu, true},
    {Q8_0, Q8_0, Q8_0, 288, 96, 8, {9, 3, false}, F32, GluKind::GeluTanh, true},
    {Q8_0, Q8_0, Q8_0, 32, 32, 3, {512, 32, true}},
    {Q8_0, Q8_0, Q8_0, 32, 32, 9, {200, 11, false}, F16},
    {Q8_0, Q8_0, Q8_0, 64, 1376, 2, {4, 3, true}},
    // Rows of an expert on average: 23, 47 and 87, for which a set may take other blocks.
    {Q8_0, Q8_0, Q8_0, 64, 96, 70, {6, 2, true}},
    {Q8_0, Q8_0, Q8_0, 32, 64, 70, {3, 2, true}},
    {Q8_0, Q8_0, Q8_0, 64, 32, 130, {3, 2, true}},
    {F16, F16, F16, 32, 32, 70, {3, 2, true}},
    {Q4_0, Q4_0, Q4_0, 96, 288, 3, {4, 1, false}, F32, GluKind::Silu, true},
    {Q4_0, Q4_0, Q4_0, 32, 64, 33, {33, 11, true}},
    {Q4_0, Q8_0, Q4_0, 64, 64, 2, {5, 2, true}},
    {Q8_0, Q4_0, Q8_0, 64, 64, 17, {5, 2, true}, F32, GluKind::GeluTanh},
    {Q4_1, Q4_1, Q4_1, 96, 288, 3, {4, 2, true}, F32, GluKind::Silu, true},
    {Q5_0, Q5_0, Q5_0, 64, 96, 1, {5, 2, true}, F32, GluKind::Silu, true},
    {Q5_1, Q5_1, Q5_1, 288, 32, 12, {6, 3, false}},
    {Q4_1, Q5_0, Q8_0, 64, 64, 4, {5, 2, true}},
    {Q5_0, Q5_1, Q4_1, 64, 64, 19, {5, 2, true}},
    {Q4_K, Q4_K, Q4_K, 256, 256, 2, {5, 2, true}, F32, GluKind::Silu, true},
    {Q4_K, Q4_K, Q6_K, 256, 512, 13, {3, 2, false}},
    {Q5_K, Q5_K, Q5_K, 256, 256, 1, {3, 1, false}},
    {Q6_K, Q5_K, Q8_0, 256, 256, 17, {4, 3, true}},
    // Inputs of several kinds.
    {F16, F16, Q8_0, 64, 64, 4, {4, 2, true}},
    {F16, Q8_0, Q8_0, 64, 64, 3, {4, 2, true}},
    {Q8_0, Q8_0, F32, 64, 64, 11, {4, 2, true}},
    {F32, F32, Q8_0, 64, 64, 12, {4, 2, true}},
};

double gateActivation(GluKind kind, double x) {
    if (kind == GluKind::Silu) return x / (1 + std::exp(-x));
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

// The matrices of one layer in file form, and its rows.
struct ExpertInput {
    Matrix router, gate, up, down;
    std::vector<float> hidden, norm, secondNorm;

    ExpertInput(Random& random, const ExpertCase& test) {
        const std::int64_t nExperts = test.choice.nExperts;
        // With outliers in it a logit's deviation is then about 1: no expert has it all.
        const float scale = 0.25f / std::sqrt(static_cast<float>(test.nEmbd));
        router = randomMatrix(random, test.router, nExperts, test.nEmbd, scale);
        gate = randomMatrix(random, test.gate, nExperts * test.nInner, test.nEmbd);
        up = randomMatrix(random, test.up, nExperts * test.nInner, test.nEmbd);
        down = randomMatrix(random, test.down, nExperts * test.nEmbd, test.nInner);
        hidden = gaussians(random, test.nTokens * test.nEmbd);
        norm = gaussians(random, test.nEmbd);
        secondNorm = gaussians(random, test.nEmbd);
    }
};

struct ExpertRun {
    std::vector<float> first, second;  // the rows behind each layer; empty where there is no second
};

Result<ExpertRun> runExperts(KernelSet& kernels, const ExpertCase& test, const ExpertInput& input) {
    KernelLimits limits;
    limits.maxTokens = test.nTokens;
    limits.maxCols = limits.maxExpertCols = std::max(test.nEmbd, test.nInner);
    limits.maxHeads = limits.maxContext = 1;
    limits.maxExperts = test.choice.nExperts;
    limits.maxExpertsUsed = test.choice.nUsed;
    SOTTO_TRY(kernels.reserve(limits));
    SOTTO_ASSIGN(const auto router, kernels.prepareWeight(input.router.view()));
    SOTTO_ASSIGN(const auto gate, kernels.prepareWeight(input.gate.view()));
    SOTTO_ASSIGN(const auto up, kernels.prepareWeight(input.up.view()));
    SOTTO_ASSIGN(const auto down, kernels.prepareWeight(input.down.view()));
    DeviceCopies copies(kernels);
    const auto room = [&](std::int64_t nRows, std::int64_t width) {
        return copies.put(std::vector<float>(static_cast<std::size_t>(nRows * width)));
    };
    const std::int64_t nRows = expertRows(test.nTokens, test.choice);
    ExpertsArgs args;
    args.out = copies.put(input.hidden);
    args.norm = {
        args.out, copies.put(input.norm), room(test.nTokens, test.nEmbd), test.nTokens, test.nEmbd,
        1e-6f};
    args.router = router.get();
    args.gate = gate.get();
    args.up = up.get();
    args.down = down.get();
    args.choice = test.choice;
    args.glu = test.glu;
    args.logits = room(test.nTokens, test.choice.nExperts);
    args.gated = room(nRows, test.nInner);
    args.upper = room(nRows, test.nInner);
    args.mixed = room(nRows, test.nEmbd);
    SOTTO_TRY(copies.status());
    ExpertRun run{input.hidden, {}};
    const float* secondNorm = copies.put(input.secondNorm);
    SOTTO_TRY(copies.status());
    if (test.isChained) {
        args.nextNorm = secondNorm;
        args.nextEpsilon = kNormEpsilon;
        args.nextConsumer = args.gate;
    }
    kernels.experts(args);
    copies.take(args.out, run.first);
    if (test.isChained) {
        args.norm.weight = secondNorm;
        args.nextNorm = nullptr;
        args.nextConsumer = nullptr;
        kernels.experts(args);
        run.second = input.hidden;
        copies.take(args.out, run.second);
    }
    SOTTO_TRY(copies.status());
    return run;
}

// What the bounds of one row come from.
class RowNoise {
public:
    RowNoise(const ExpertCase& test, const ExpertInput& input, std::int64_t token)
        : m_test(test),
          m_input(input),
          m_x(static_cast<std::size_t>(test.nEmbd)),
          m_rounding(static_cast<std::size_t>(test.nEmbd)),
          m_variance(static_cast<std::size_t>(test.nEmbd)) {
        const float* hidden = input.hidden.data() + token * test.nEmbd;
        double squares = 0;
        for (std::int64_t dim = 0; dim < test.nEmbd; ++dim)
            squares += double(hidden[dim]) * hidden[dim];
        const double factor = 1 / std::sqrt(squares / double(test.nEmbd) + kNormEpsilon);
        for (std::size_t dim = 0; dim < m_x.size(); ++dim)
            m_x[dim] = static_cast<float>(hidden[dim] * factor * input.norm[dim]);
        addExperts();
    }

    double boundOf(std::int64_t dim) const {
        const auto index = static_cast<std::size_t>(dim);
        return m_rounding[index] + 8 * std::sqrt(m_variance[index]);
    }

private:
    double dot(const Matrix& matrix, std::int64_t row) const {
        double sum = 0;
        for (std::size_t dim = 0; dim < m_x.size(); ++dim)
            sum +=
                double(matrix.values[static_cast<std::size_t>(row) * m_x.size() + dim]) * m_x[dim];
        return sum;
    }

    // Softmax and the highest, as experts.h says.
    void addExperts() {
        const ExpertChoice& choice = m_test.choice;
        std::vector<std::pair<double, std::int64_t>> logits;
        for (std::int64_t expert = 0; expert < choice.nExperts; ++expert)
            logits.emplace_back(-dot(m_input.router, expert), expert);
        std::sort(logits.begin(), logits.end());
        double sum = 0;
        const std::size_t nSummed =
            choice.isNormalized ? static_cast<std::size_t>(choice.nUsed) : logits.size();
        for (std::size_t place = 0; place < nSummed; ++place)
            sum += std::exp(logits.front().first - logits[place].first);
        for (std::size_t place = 0; place < static_cast<std::size_t>(choice.nUsed); ++place)
            addExpert(logits[place].second,
                      std::exp(logits.front().first - logits[place].first) / sum);
    }

    void addExpert(std::int64_t expert, double weight) {
        std::vector<float> inner;
        std::vector<DotNoise> noises;  // of inner
        for (std::int64_t row = expert * m_test.nInner; row < (expert + 1) * m_test.nInner; ++row) {
            const double gate = dot(m_input.gate, row), up = dot(m_input.up, row);
            const double gated = gateActivation(m_test.glu, gate);
            const DotNoise ofGate = noiseOf(m_input.gate, row), ofUp = noiseOf(m_input.up, row);
            inner.push_back(static_cast<float>(gated * up));
            // Each error times the other factor, and the product of both.
            const auto both = [&](double gateError, double upError) {
                return kSteepestGate * gateError * (std::fabs(up) + upError) +
                       std::fabs(gated) * upError;
            };
            noises.push_back(
                {both(ofGate.rounding, ofUp.rounding) + 8 * kFloatRounding * std::fabs(gated * up),
                 std::pow(both(std::sqrt(ofGate.variance), std::sqrt(ofUp.variance)), 2)});
        }
        for (std::int64_t dim = 0; dim < m_test.nEmbd; ++dim) {
            const float* down =
                m_input.down.values.data() + (expert * m_test.nEmbd + dim) * m_test.nInner;
            DotNoise noise = dotNoise(m_test.down, down, inner.data(), m_test.nInner);
            for (std::size_t index = 0; index < inner.size(); ++index) {
                noise.rounding += std::fabs(down[index]) * noises[index].rounding;
                noise.variance += std::pow(down[index], 2) * noises[index].variance;
            }
            m_rounding[static_cast<std::size_t>(dim)] += weight * noise.rounding;
            m_variance[static_cast<std::size_t>(dim)] += weight * weight * noise.variance;
        }
    }

    DotNoise noiseOf(const Matrix& matrix, std::int64_t row) const {
        return dotNoise(matrix.type, matrix.values.data() + row * m_test.nEmbd, m_x.data(),
                        m_test.nEmbd);
    }

    const ExpertCase& m_test;
    const ExpertInput& m_input;
    std::vector<float> m_x;
    std::vector<double> m_rounding, m_variance;
};

// Of the layer whose input this is.
void judge(ErrorMeter& meter, const ExpertCase& test, const ExpertInput& input,
           const std::vector<float>& expected, const std::vector<float>& actual) {
    for (std::int64_t token = 0; token < test.nTokens; ++token) {
        const RowNoise noise(test, input, token);
        for (std::int64_t dim = 0; dim < test.nEmbd; ++dim) {
            const std::int64_t element = token * test.nEmbd + dim;
            const auto index = static_cast<std::size_t>(element);
            // A weight of the mixture is off by some roundings of its logit, and what is summed up
            // by one for each expert.
            const double size = std::fabs(expected[index] - input.hidden[index]) * 32 +
                                std::fabs(input.hidden[index]);
            meter.add("out", element, expected[index], actual[index],
                      noise.boundOf(dim) + kFloatRounding * test.choice.nUsed * size);
        }
    }
}

SelftestResult runCase(KernelSet& subject, const ExpertCase& test) {
    Random random(test.seed);
    ExpertInput input(random, test);
    ExpertCase single = test;
    single.isChained = false;
    const auto reference = createReferenceKernels();
    const auto actual = runExperts(subject, test, input);
    if (!actual) return couldNotRun(actual.error());
    ErrorMeter meter;
    const auto first = runExperts(*reference, single, input);
    if (!first) return couldNotRun(first.error());
    judge(meter, test, input, first->first, actual->first);
    if (test.isChained) {
        input.hidden = actual->first;
        input.norm = input.secondNorm;
        const auto second = runExperts(*reference, single, input);
        if (!second) return couldNotRun(second.error());
        judge(meter, test, input, second->first, actual->second);
    }
    return meter.result();
}

// Blocks of two experts that their rows fill in part; k-quants have 256 columns.
ExpertCase tileCase(DType type, std::int64_t blockTokens) {
    const std::int64_t nBlock = dtypeTraits(type).blockElements;
    ExpertCase test{};
    test.gate = test.up = test.down = type;
    test.nEmbd = std::max<std::int64_t>(64, nBlock);
    test.nInner = std::max<std::int64_t>(96, nBlock);
    test.nTokens = blockTokens + 6;
    test.choice = {2, 1, true};
    return test;
}

std::string caseName(const ExpertCase& test) {
    const auto typeName = [](DType type) { return std::string(dtypeTraits(type).name); };
    return "experts " + typeName(test.gate) + ' ' + typeName(test.up) + ' ' + typeName(test.down) +
           ' ' + std::to_string(test.nEmbd) + 'x' + std::to_string(test.nInner) + ", " +
           std::to_string(test.choice.nUsed) + " of " + std::to_string(test.choice.nExperts) +
           ", " + std::to_string(test.nTokens) + (test.nTokens == 1 ? " token" : " tokens");
}

}  // namespace

void addExpertCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 9000;
    for (ExpertCase test : kCases) {
        test.seed = seed++;
        cases.push_back({caseName(test), [&subject, test] { return runCase(subject, test); }});
    }
}

void addExpertTileCases(const SelftestVariant& variant, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 9500;
    for (const DType type : kernelDTypes()) {
        if (type == DType::F32) continue;  // not in blocks
        ExpertCase test = tileCase(type, variant.blockTokens);
        test.seed = seed++;
        cases.push_back({caseName(test) + ", blocks of " + std::to_string(variant.blockTokens),
                         [kernels = variant.kernels, test] { return runCase(*kernels, test); }});
    }
}

}  // namespace sotto::selftest

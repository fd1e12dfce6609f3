// experts: every type and mixes of them, few rows and many, few experts and as many as models have.
//
// The router is float32 as in every file, so that rounding does not send a row elsewhere. The bound
// of an element follows the errors of each product (dotNoise) through the gate, |act'| <= 1.13, and
// the product with up into down.
#include <algorithm>
#include <cmath>
#include <cstring>
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
    DType inner, down;
    std::int64_t nEmbd, nInner, nTokens;
    ExpertChoice choice;
    std::uint64_t seed = 0;
};

const ExpertCase kCases[] = {
    {DType::F32, DType::F32, 32, 64, 1, {4, 2, true}},
    {DType::F32, DType::F32, 64, 32, 19, {7, 3, false}},
    {DType::F16, DType::F16, 96, 64, 5, {6, 2, true}},
    {DType::BF16, DType::BF16, 64, 96, 21, {5, 2, true}},
    {DType::Q8_0, DType::Q8_0, 64, 32, 1, {128, 8, true}},
    {DType::Q8_0, DType::Q8_0, 288, 96, 8, {9, 3, false}},
    {DType::Q8_0, DType::Q8_0, 64, 96, 70, {6, 2, true}},
    {DType::Q4_0, DType::Q4_0, 96, 288, 3, {4, 1, false}},
    {DType::Q4_0, DType::Q4_0, 32, 64, 33, {33, 11, true}},
    {DType::Q4_K, DType::Q4_K, 256, 256, 2, {5, 2, true}},
    {DType::Q4_K, DType::Q6_K, 512, 256, 8, {4, 2, true}},
    {DType::Q4_K, DType::Q6_K, 256, 512, 13, {3, 2, false}},
    {DType::Q5_K, DType::Q5_K, 256, 256, 1, {3, 1, false}},
    {DType::Q6_K, DType::Q8_0, 256, 256, 17, {4, 3, true}},
    {DType::F16, DType::Q8_0, 64, 64, 4, {4, 2, true}},
    {DType::Q8_0, DType::F32, 64, 64, 11, {4, 2, true}},
    {DType::F32, DType::Q8_0, 64, 64, 12, {4, 2, true}},
};

// The matrices of one layer in file form, and its rows.
struct ExpertInput {
    Matrix router, gate, up, down;
    std::vector<float> hidden, norm;

    ExpertInput(Random& random, const ExpertCase& test) {
        const std::int64_t nExperts = test.choice.nExperts;
        router = randomMatrix(random, DType::F32, nExperts, test.nEmbd);
        // With outliers in it a logit's deviation is then about 1: no expert has it all.
        for (float& value : router.values)
            value *= 0.25f / std::sqrt(static_cast<float>(test.nEmbd));
        std::memcpy(router.bytes.data(), router.values.data(), router.bytes.size());
        gate = randomMatrix(random, test.inner, nExperts * test.nInner, test.nEmbd);
        up = randomMatrix(random, test.inner, nExperts * test.nInner, test.nEmbd);
        down = randomMatrix(random, test.down, nExperts * test.nEmbd, test.nInner);
        hidden = gaussians(random, test.nTokens * test.nEmbd);
        norm = gaussians(random, test.nEmbd);
    }
};

Result<std::vector<float>> runExperts(KernelSet& kernels, const ExpertCase& test,
                                      const ExpertInput& input) {
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
    args.logits = room(test.nTokens, test.choice.nExperts);
    args.gated = room(nRows, test.nInner);
    args.upper = room(nRows, test.nInner);
    args.mixed = room(nRows, test.nEmbd);
    SOTTO_TRY(copies.status());
    kernels.experts(args);
    std::vector<float> out = input.hidden;
    copies.take(args.out, out);
    SOTTO_TRY(copies.status());
    return out;
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
            const double gated = gate / (1 + std::exp(-gate));
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

SelftestResult runCase(KernelSet& subject, const ExpertCase& test) {
    Random random(test.seed);
    const ExpertInput input(random, test);
    const auto reference = createReferenceKernels();
    const auto expected = runExperts(*reference, test, input);
    const auto actual = runExperts(subject, test, input);
    if (!expected) return couldNotRun(expected.error());
    if (!actual) return couldNotRun(actual.error());

    ErrorMeter meter;
    for (std::int64_t token = 0; token < test.nTokens; ++token) {
        const RowNoise noise(test, input, token);
        for (std::int64_t dim = 0; dim < test.nEmbd; ++dim) {
            const std::int64_t element = token * test.nEmbd + dim;
            const auto index = static_cast<std::size_t>(element);
            // A weight of the mixture is off by some roundings of its logit, and what is summed up
            // by one for each expert.
            const double size = std::fabs((*expected)[index] - input.hidden[index]) * 32 +
                                std::fabs(input.hidden[index]);
            meter.add("out", element, (*expected)[index], (*actual)[index],
                      noise.boundOf(dim) + kFloatRounding * test.choice.nUsed * size);
        }
    }
    return meter.result();
}

std::string caseName(const ExpertCase& test) {
    return "experts " + std::string(dtypeTraits(test.inner).name) + ' ' +
           std::string(dtypeTraits(test.down).name) + ' ' + std::to_string(test.nEmbd) + 'x' +
           std::to_string(test.nInner) + ", " + std::to_string(test.choice.nUsed) + " of " +
           std::to_string(test.choice.nExperts) + ", " + std::to_string(test.nTokens) +
           (test.nTokens == 1 ? " token" : " tokens");
}

}  // namespace

void addExpertCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 9000;
    for (ExpertCase test : kCases) {
        test.seed = seed++;
        cases.push_back({caseName(test), [&subject, test] { return runCase(subject, test); }});
    }
}

}  // namespace sotto::selftest

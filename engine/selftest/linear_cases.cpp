// linear: every type, at shapes around the tiles (16 rows; 1, 2, 4, 8, 12 tokens).
//
// Two kinds of input. "exact": small integers whose largest in each 32 is 127, so that an int8
// activation loses nothing and only float rounding is left: a wrong scale, nibble or minimum cannot
// hide. "gaussian": with outliers; the loss of int8 activations is bounded statistically.
#include <algorithm>
#include <cmath>
#include <string>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/selftest/case_data.h"

namespace sotto::selftest {
namespace {

struct Shape {
    std::int64_t nRows;
    std::int64_t nBlocks;  // columns in blocks of the type (of 1 column for floats: see colsOf)
    std::int64_t nTokens;
};
constexpr Shape kShapes[] = {{1, 1, 1},  {15, 2, 2}, {16, 1, 3},  {17, 3, 5},
                             {37, 2, 8}, {64, 5, 1}, {33, 4, 13}, {19, 1, 29}};

std::int64_t colsOf(DType type, std::int64_t nBlocks) {
    const std::int64_t blockElements = dtypeTraits(type).blockElements;
    // Floats have no blocks: odd widths around the 16 lanes.
    return blockElements == 1 ? nBlocks * 33 - (nBlocks == 1 ? 26 : 0) : nBlocks * blockElements;
}

std::vector<float> activations(Random& random, bool isExact, std::int64_t nElements) {
    if (!isExact) return gaussians(random, nElements);
    std::vector<float> x(static_cast<std::size_t>(nElements));
    for (std::size_t index = 0; index < x.size(); ++index) {
        x[index] = static_cast<float>(random.below(255) - 127);
        if (index % 32 == 7) x[index] = index % 64 == 7 ? 127.0f : -127.0f;
    }
    return x;
}

double outputBound(DType type, bool isExact, const float* w, const float* x, std::int64_t nCols) {
    const DotNoise noise = dotNoise(type, w, x, nCols);
    return isExact ? noise.rounding : noise.rounding + 8 * std::sqrt(noise.variance);
}

struct LinearCase {
    DType type;
    Shape shape;
    bool isExact;
    std::uint64_t seed;
};

struct LinearInput {
    std::vector<float> x;
    std::int64_t nTokens;
    std::vector<float> bias;  // empty: none
    bool isAccumulating;
};

Result<std::vector<float>> runLinear(KernelSet& kernels, const Matrix& matrix,
                                     const LinearInput& input, std::vector<float> out) {
    SOTTO_TRY(kernels.reserve(
        {.maxTokens = input.nTokens, .maxCols = matrix.nCols, .maxHeads = 1, .maxContext = 1}));
    std::unique_ptr<Weight> weight;
    SOTTO_ASSIGN(weight, kernels.prepareWeight(matrix.view()));
    // Twice over the same input, as q, k and v are: the second target checks that the first leaves
    // the quantized input alone.
    DeviceCopies copies(kernels);
    const float* deviceBias = input.bias.empty() ? nullptr : copies.put(input.bias);
    float* deviceOut = copies.put(out);
    const LinearTarget targets[] = {
        {weight.get(), deviceBias, copies.put(out), input.isAccumulating},
        {weight.get(), deviceBias, deviceOut, input.isAccumulating}};
    const LinearArgs args{.x = copies.put(input.x), .nTokens = input.nTokens, .targets = targets};
    SOTTO_TRY(copies.status());
    kernels.linear(args);
    copies.take(deviceOut, out);
    SOTTO_TRY(copies.status());
    return out;
}

SelftestResult runCase(KernelSet& subject, const LinearCase& test) {
    Random random(test.seed);
    const std::int64_t nCols = colsOf(test.type, test.shape.nBlocks);
    const Matrix matrix = randomMatrix(random, test.type, test.shape.nRows, nCols);
    const std::vector<float> x = activations(random, test.isExact, test.shape.nTokens * nCols);
    const std::vector<float> bias = gaussians(random, matrix.nRows);
    const std::vector<float> before = gaussians(random, test.shape.nTokens * matrix.nRows);
    const bool hasBias = test.seed % 2 == 0;
    const LinearInput input{x, test.shape.nTokens, hasBias ? bias : std::vector<float>(),
                            test.seed % 3 == 0};

    const auto reference = createReferenceKernels();
    const auto expected = runLinear(*reference, matrix, input, before);
    const auto actual = runLinear(subject, matrix, input, before);
    if (!expected) return couldNotRun(expected.error());
    if (!actual) return couldNotRun(actual.error());

    ErrorMeter meter;
    for (std::int64_t token = 0; token < test.shape.nTokens; ++token) {
        for (std::int64_t row = 0; row < matrix.nRows; ++row) {
            const auto index = static_cast<std::size_t>(token * matrix.nRows + row);
            const double size = std::fabs(bias[static_cast<std::size_t>(row)]) +
                                std::fabs(before[index]) + std::fabs((*expected)[index]);
            const double bound =
                outputBound(test.type, test.isExact, matrix.values.data() + row * nCols,
                            x.data() + token * nCols, nCols) +
                2 * kFloatRounding * size;
            meter.add("out", static_cast<std::int64_t>(index), (*expected)[index], (*actual)[index],
                      bound);
        }
    }
    return meter.result();
}

std::string caseName(const LinearCase& test) {
    return "linear " + std::string(dtypeTraits(test.type).name) + ' ' +
           std::to_string(test.shape.nRows) + 'x' +
           std::to_string(colsOf(test.type, test.shape.nBlocks)) + ", " +
           std::to_string(test.shape.nTokens) + " tokens, " + (test.isExact ? "exact" : "gaussian");
}

}  // namespace

void addLinearCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 1000;
    for (const DType type : allDTypes()) {
        for (const Shape& shape : kShapes) {
            for (const bool isExact : {true, false}) {
                const LinearCase test{type, shape, isExact, seed++};
                cases.push_back(
                    {caseName(test), [&subject, test] { return runCase(subject, test); }});
            }
        }
    }
}

}  // namespace sotto::selftest

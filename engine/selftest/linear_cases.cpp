// linear: every type, at shapes around the tiles (16 rows; 1, 2, 4, 8, 12 tokens).
//
// Two kinds of input. "exact": small integers whose largest in each 32 is 127, so that an int8
// activation loses nothing and only float rounding is left: a wrong scale, nibble or minimum cannot
// hide. "gaussian": with outliers; the loss of int8 activations is bounded statistically.
// Large matrices are of random blocks, and the reference computes one row of each 32: another one
// of every panel.
#include <algorithm>
#include <cmath>
#include <string>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/random_weights.h"
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

// Of a card: 264 blocks of 32 rows, more than any has multiprocessors twice, and 33 records along
// the columns, which are several for each of the warps that share them.
constexpr Shape kManyPanels{264 * 32, 1, 1}, kManySteps{32, 33, 3};
constexpr std::int64_t kRecordCols = 256;
// In blocks: rows beyond the 256 of the largest, columns beyond a record, tokens beyond a block.
constexpr std::int64_t kTileRows = 264, kTileBlocks = 9, kTokensBehind = 2;
// The feed-forward's input of an 8B model, and a prompt of two blocks and some.
constexpr std::int64_t kRealRows = 14336, kRealCols = 4096, kRealTokens = 130;
constexpr std::int64_t kJudgedOf = 32;

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
    std::int64_t nRows, nCols, nTokens;
    bool isExact;
    std::uint64_t seed;
    bool isLarge = false;
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

// Without values: what is judged has some.
Matrix randomBlocks(const LinearCase& test) {
    const RandomMatrix recipe =
        sotto::randomMatrix(test.type, test.nCols, test.nRows, test.seed, 0);
    Matrix matrix{
        .type = test.type, .nRows = test.nRows, .nCols = test.nCols, .bytes = {}, .values = {}};
    matrix.bytes.resize(matrix.view().bytes());
    fillRandomRows(recipe, 0, test.nRows, matrix.bytes);
    return matrix;
}

// Rows that the reference computes.
std::vector<std::int64_t> judgedRows(const LinearCase& test) {
    std::vector<std::int64_t> rows;
    for (std::int64_t row = 0; row < test.nRows; row += test.isLarge ? kJudgedOf : 1) {
        // 7 and 32 have no common divisor: all places within a panel have their turn.
        const std::int64_t turn = test.isLarge ? row / kJudgedOf * 7 % kJudgedOf : 0;
        rows.push_back(std::min(row + turn, test.nRows - 1));
    }
    if (rows.back() != test.nRows - 1) rows.push_back(test.nRows - 1);
    return rows;
}

Matrix rowsOf(const Matrix& matrix, const std::vector<std::int64_t>& rows) {
    Matrix picked{
        .type = matrix.type,
        .nRows = std::ssize(rows),
        .nCols = matrix.nCols,
        .bytes = {},
        .values = std::vector<float>(rows.size() * static_cast<std::size_t>(matrix.nCols))};
    const std::size_t nBytes = rowBytes(matrix.type, static_cast<std::size_t>(matrix.nCols));
    for (const std::int64_t row : rows) {
        const auto begin = matrix.bytes.begin() + row * static_cast<std::ptrdiff_t>(nBytes);
        picked.bytes.insert(picked.bytes.end(), begin, begin + static_cast<std::ptrdiff_t>(nBytes));
    }
    dequantizeRow(matrix.type, picked.bytes, picked.values);
    return picked;
}

// [nTokens, nRows] -> [nTokens, rows.size()]
std::vector<float> columnsOf(const std::vector<float>& values, std::int64_t nRows,
                             const std::vector<std::int64_t>& rows) {
    std::vector<float> picked;
    for (std::size_t first = 0; first < values.size(); first += static_cast<std::size_t>(nRows))
        for (const std::int64_t row : rows)
            picked.push_back(values[first + static_cast<std::size_t>(row)]);
    return picked;
}

SelftestResult runCase(KernelSet& subject, const LinearCase& test) {
    Random random(test.seed);
    const Matrix matrix =
        test.isLarge ? randomBlocks(test) : randomMatrix(random, test.type, test.nRows, test.nCols);
    const std::vector<float> x = activations(random, test.isExact, test.nTokens * test.nCols);
    const std::vector<float> bias = gaussians(random, test.nRows);
    const std::vector<float> before = gaussians(random, test.nTokens * test.nRows);
    const bool hasBias = test.seed % 2 == 0;
    LinearInput input{x, test.nTokens, hasBias ? bias : std::vector<float>(), test.seed % 3 == 0};
    const auto computed = runLinear(subject, matrix, input, before);
    if (!computed) return couldNotRun(computed.error());

    const std::vector<std::int64_t> rows = judgedRows(test);
    const Matrix judged = rowsOf(matrix, rows);
    const std::vector<float> actual = columnsOf(*computed, test.nRows, rows);
    const std::vector<float> judgedBefore = columnsOf(before, test.nRows, rows);
    const std::vector<float> judgedBias = columnsOf(bias, test.nRows, rows);
    if (hasBias) input.bias = judgedBias;
    const auto reference = createReferenceKernels();
    const auto expected = runLinear(*reference, judged, input, judgedBefore);
    if (!expected) return couldNotRun(expected.error());

    ErrorMeter meter;
    for (std::int64_t token = 0; token < test.nTokens; ++token) {
        for (std::size_t place = 0; place < rows.size(); ++place) {
            const std::size_t index = static_cast<std::size_t>(token) * rows.size() + place;
            const double size = std::fabs(judgedBias[place]) + std::fabs(judgedBefore[index]) +
                                std::fabs((*expected)[index]);
            const float* weights =
                judged.values.data() + place * static_cast<std::size_t>(test.nCols);
            const double bound = outputBound(test.type, test.isExact, weights,
                                             x.data() + token * test.nCols, test.nCols) +
                                 2 * kFloatRounding * size;
            meter.add("out", token * test.nRows + rows[place], (*expected)[index], actual[index],
                      bound);
        }
    }
    return meter.result();
}

std::string caseName(const LinearCase& test) {
    return "linear " + std::string(dtypeTraits(test.type).name) + ' ' + std::to_string(test.nRows) +
           'x' + std::to_string(test.nCols) + ", " + std::to_string(test.nTokens) + " tokens, " +
           (test.isExact ? "exact" : "gaussian");
}

void add(KernelSet& kernels, const LinearCase& test, std::vector<SelftestCase>& cases) {
    cases.push_back({caseName(test), [&kernels, test] { return runCase(kernels, test); }});
}

}  // namespace

void addLinearCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 1000;
    for (const DType type : kernelDTypes()) {
        for (const Shape& shape : kShapes)
            for (const bool isExact : {true, false})
                add(subject,
                    {type, shape.nRows, colsOf(type, shape.nBlocks), shape.nTokens, isExact,
                     seed++},
                    cases);
        for (const Shape& shape : {kManyPanels, kManySteps})
            add(subject,
                {type, shape.nRows, shape.nBlocks * kRecordCols, shape.nTokens, true, seed++, true},
                cases);
    }
}

void addLinearTileCases(const SelftestVariant& variant, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 2000;
    for (const DType type : kernelDTypes()) {
        if (type == DType::F32) continue;  // not in blocks
        const std::int64_t nBlocks = dtypeTraits(type).blockElements == 256 ? 2 : kTileBlocks;
        const std::int64_t nTokens = variant.blockTokens + kTokensBehind;
        add(*variant.kernels, {type, kTileRows, colsOf(type, nBlocks), nTokens, true, seed++},
            cases);
        cases.back().name += ", blocks of " + std::to_string(variant.blockTokens);
    }
}

void addRealSizeCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    std::uint64_t seed = 3000;
    for (const DType type : kernelDTypes())
        add(subject, {type, kRealRows, kRealCols, kRealTokens, true, seed++, true}, cases);
}

}  // namespace sotto::selftest

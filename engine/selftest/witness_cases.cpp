#include "engine/selftest/witness_cases.h"

#include <cmath>

#include "engine/device/device_choice.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/selftest/case_data.h"

namespace sotto {
namespace {

using namespace selftest;

// Ten panels, three steps of 256 columns, two blocks of 64 tokens and a rest.
constexpr std::int64_t kRows = 160, kTokens = 130;
std::int64_t colsOf(DType type) { return dtypeTraits(type).blockElements == 1 ? 745 : 768; }

Result<std::vector<float>> run(KernelSet& kernels, const Matrix& matrix,
                               const std::vector<float>& x) {
    std::vector<float> out(static_cast<std::size_t>(kTokens * kRows));
    SOTTO_TRY(kernels.reserve({.maxTokens = kTokens,
                               .maxCols = matrix.nCols,
                               .maxHeads = 1,
                               .maxContext = 1,
                               .maxReadback = kTokens * kRows}));
    std::unique_ptr<Weight> weight;
    SOTTO_ASSIGN(weight, kernels.prepareWeight(matrix.view()));
    DeviceCopies copies(kernels);
    const LinearTarget target{.weight = weight.get(), .out = copies.put(out)};
    const LinearArgs args{.x = copies.put(x), .nTokens = kTokens, .targets = {&target, 1}};
    SOTTO_TRY(copies.status());
    kernels.linear(args);
    copies.take(target.out, out);
    SOTTO_TRY(copies.status());
    return out;
}

// Of both: ours as in linear_cases.cpp, the library's as in kernels/cuda/library_products.h.
double bound(DType type, const float* w, const float* x, std::int64_t nCols) {
    const DotNoise own = dotNoise(type, w, x, nCols);
    double sizes = 0;
    for (std::int64_t col = 0; col < nCols; ++col)
        sizes += std::fabs(static_cast<double>(w[col]) * x[col]);
    const int nParts = type == DType::BF16 ? 3 : type == DType::F16 ? 2 : 1;
    const double parts = nParts == 1 ? 0x1p-10 : 0x1p-21;
    return own.rounding + 8 * std::sqrt(own.variance) +
           sizes * (parts + static_cast<double>(nParts * nCols) * 0x1p-23);
}

SelftestResult compare(KernelSet& subject, KernelSet& witness, DType type, std::uint64_t seed) {
    Random random(seed);
    const std::int64_t nCols = colsOf(type);
    const Matrix matrix = randomMatrix(random, type, kRows, nCols);
    const std::vector<float> x = gaussians(random, kTokens * nCols);
    const auto actual = run(subject, matrix, x);
    if (!actual) return couldNotRun(actual.error());
    const std::uint64_t before = witness.productUse().library;
    const auto expected = run(witness, matrix, x);
    if (!expected) return couldNotRun(expected.error());
    const ProductUse use = witness.productUse();
    if (use.library == before)
        return {.detail = "Could not run, because cuBLAS does not multiply this." +
                          (use.refusal.empty() ? "" : ' ' + use.refusal),
                .isSkipped = true};
    ErrorMeter meter;
    for (std::int64_t token = 0; token < kTokens; ++token)
        for (std::int64_t row = 0; row < kRows; ++row) {
            const auto index = static_cast<std::size_t>(token * kRows + row);
            meter.add(
                "out", static_cast<std::int64_t>(index), (*expected)[index], (*actual)[index],
                bound(type, matrix.values.data() + row * nCols, x.data() + token * nCols, nCols));
        }
    return meter.result();
}

}  // namespace

Result<std::unique_ptr<KernelSet>> createWitnessKernels(const std::string& deviceId) {
    std::string note;
    const auto card = chosenCard(deviceId, note);
    if (!card) return fail(ErrorCode::Unsupported, "cuBLAS needs a graphics card.");
    CudaKernelOptions options;
    options.deviceIndex = *card;
    options.products = ProductPath::Library;
    return createCudaKernels(options);
}

std::vector<SelftestCase> witnessCases(KernelSet& subject, KernelSet& witness) {
    std::vector<SelftestCase> cases;
    std::uint64_t seed = 9000;
    for (const DType type : kernelDTypes()) {
        if (type == DType::F32) continue;  // no path of the library's
        const std::string name = "linear " + std::string(dtypeTraits(type).name) + ' ' +
                                 std::to_string(kRows) + 'x' + std::to_string(colsOf(type)) + ", " +
                                 std::to_string(kTokens) + " tokens, against cuBLAS";
        cases.push_back({name, [&subject, &witness, type, caseSeed = seed++] {
                             return compare(subject, witness, type, caseSeed);
                         }});
    }
    return cases;
}

}  // namespace sotto

// ropeStore and attention over caches of quantized types: what is stored are the definition's bytes
// (kv_rows.h), what comes out of them is the reference's but for the query, which a set may round.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/selftest/case_data.h"
#include "engine/tensor/hadamard.h"

namespace sotto::selftest {
namespace {

struct CodeCase {
    KvTypes types;
    std::int32_t nHeads;
    std::int32_t nKvHeads;
    std::int32_t headDim;
    std::int32_t nTokens;
    std::int32_t nRows;  // the last ones, which attend
    std::int32_t window = 0;
};

// One sequence, its blocks in falling order.
struct CodeScene {
    explicit CodeScene(const CodeCase& test)
        : shape(kvLayerShape(test.nKvHeads, test.headDim, test.types)) {
        Random random(29);
        blockIds.resize(at((test.nTokens + shape.blockTokens - 1) / shape.blockTokens));
        std::iota(blockIds.rbegin(), blockIds.rend(), 0);
        positions.resize(at(test.nTokens));
        std::iota(positions.begin(), positions.end(), 0);
        sequence.resize(positions.size());
        const auto plain = [&](std::int64_t nElements) {
            std::vector<float> values(at(nElements));
            for (float& value : values) value = random.gaussian();
            return values;
        };
        q = plain(std::int64_t{test.nTokens} * test.nHeads * test.headDim);
        k = gaussians(random, std::int64_t{test.nTokens} * test.nKvHeads * test.headDim);
        v = gaussians(random, std::int64_t{test.nTokens} * test.nKvHeads * test.headDim);
        // An outlier of a key decides alone which value is seen; a tenth leaves the others a part.
        for (float& key : k) key *= 0.1f;
    }

    KvLayerShape shape;
    std::vector<std::int32_t> blockIds, positions, sequence;
    std::vector<float> q, k, v;
};

struct CodeOutcome {
    std::vector<std::byte> blocks;
    std::vector<float> out;
};

// Attends over the blocks that were `given`, where there are some, not over its own.
Result<CodeOutcome> runCodes(KernelSet& kernels, const CodeCase& test, const CodeScene& scene,
                             const std::vector<std::byte>& given) {
    const auto nBlocks = static_cast<std::int32_t>(scene.blockIds.size());
    CodeOutcome outcome;
    outcome.blocks.resize(at(nBlocks) * scene.shape.blockBytes());
    outcome.out.resize(at(std::int64_t{test.nRows} * test.nHeads * test.headDim));
    const BlockTableView table{scene.blockIds};
    DeviceCopies copies(kernels);
    SOTTO_ASSIGN(const DeviceCache cache, DeviceCache::make(kernels, scene.shape, nBlocks));
    SOTTO_TRY(cache.write(outcome.blocks));
    RopeStoreArgs store;
    store.q = copies.put(scene.q);
    store.k = copies.put(scene.k);
    store.v = copies.put(scene.v);
    store.kind = RopeKind::None;
    store.nHeads = test.nHeads;
    store.cache = cache.layer();
    store.batch = {scene.positions, scene.sequence, {&table, 1}};
    SOTTO_TRY(copies.status());
    kernels.ropeStore(store);
    SOTTO_TRY(cache.read(outcome.blocks));
    if (!given.empty()) SOTTO_TRY(cache.write(given));
    const auto first = at(test.nTokens - test.nRows);
    AttentionArgs args;
    args.q = store.q + first * at(std::int64_t{test.nHeads} * test.headDim);
    args.out = copies.put(outcome.out);
    args.scale = 1.0f / std::sqrt(static_cast<float>(test.headDim));
    args.window = test.window;
    args.nHeads = test.nHeads;
    args.cache = cache.layer();
    args.batch = {std::span(scene.positions).subspan(first),
                  std::span(scene.sequence).subspan(first),
                  {&table, 1}};
    SOTTO_TRY(copies.status());
    kernels.attention(args);
    copies.take(static_cast<const float*>(args.out), outcome.out);
    SOTTO_TRY(copies.status());
    return outcome;
}

// A query rounded to 127 steps of the largest of 32 is off by a uniform error of deviation step /
// sqrt(12) per dim; the turned query's largest is below six of its own deviation, |q| / sqrt(dim).
// So a score is off by a deviation of scale * 6 |q| / sqrt(dim) / 127 / sqrt(12) * |k|, and eight
// deviations are never seen; the sum moves by as much of the largest value. Rows as halves and
// weights in 14 bits add 2^-9 of it, which the turn back may gather in one dim.
double boundOf(const CodeCase& test, const CodeScene& scene) {
    const auto largestNorm = [&](const std::vector<float>& rows) {
        double largest = 0;
        for (std::size_t first = 0; first < rows.size(); first += at(test.headDim)) {
            double sum = 0;
            for (std::size_t dim = 0; dim < at(test.headDim); ++dim)
                sum += double{rows[first + dim]} * double{rows[first + dim]};
            largest = std::max(largest, std::sqrt(sum));
        }
        return largest;
    };
    const double step = 6 * largestNorm(scene.q) / std::sqrt(test.headDim) / 127;
    const double score =
        8 * step / std::sqrt(12.0) * largestNorm(scene.k) / std::sqrt(test.headDim);
    const double spread = std::sqrt(hadamardBlock(test.headDim));
    // A turned value's elements, and those of the sum turned back, are below its norm.
    return (std::expm1(score) + 0x1p-9 * spread) * largestNorm(scene.v);
}

SelftestResult runKvCodes(KernelSet& subject, const CodeCase& test) {
    const CodeScene scene(test);
    const auto reserved = subject.reserve({.maxTokens = test.nTokens,
                                           .maxCols = std::int64_t{test.nHeads} * test.headDim,
                                           .maxHeads = test.nHeads,
                                           .maxHeadDim = test.headDim,
                                           .maxContext = 8192});
    if (!reserved) return couldNotRun(reserved.error());
    const auto expected = runCodes(*createReferenceKernels(), test, scene, {});
    if (!expected) return couldNotRun(expected.error());
    const auto actual = runCodes(subject, test, scene, expected->blocks);
    if (!actual) return couldNotRun(actual.error());
    const auto [place, other] =
        std::mismatch(expected->blocks.begin(), expected->blocks.end(), actual->blocks.begin());
    if (place != expected->blocks.end())
        return {false, 0, 0,
                "stored differently from byte " + std::to_string(place - expected->blocks.begin()) +
                    " on"};
    ErrorMeter meter;
    const double bound = boundOf(test, scene);
    for (std::size_t index = 0; index < expected->out.size(); ++index)
        meter.add("out", static_cast<std::int64_t>(index), expected->out[index], actual->out[index],
                  bound);
    return meter.result();
}

}  // namespace

void addKvCodeCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    const CodeCase table[] = {
        {{KvType::Q8_0, KvType::Q8_0}, 8, 2, 64, 100, 3},
        {{KvType::Q5_0, KvType::Q5_0}, 4, 2, 128, 70, 1},
        {{KvType::Q4_0, KvType::Q4_0}, 6, 1, 96, 65, 20},
        {{KvType::F8E4M3, KvType::F8E4M3}, 4, 4, 64, 50, 2},
        {{KvType::F8E5M2, KvType::F8E5M2}, 4, 2, 32, 50, 2},
        {{KvType::Q8_0, KvType::Q5_0}, 8, 2, 64, 530, 2},
        {{KvType::F16, KvType::Q8_0}, 8, 2, 64, 90, 40, 33},
        {{KvType::Q4_0, KvType::F16}, 2, 1, 256, 40, 1},
    };
    for (const CodeCase& test : table)
        cases.push_back({"cache of " + kvTypesText(test.types) + ", " +
                             std::to_string(test.nHeads) + '/' + std::to_string(test.nKvHeads) +
                             " heads of " + std::to_string(test.headDim) + ", " +
                             std::to_string(test.nRows) + " at " +
                             std::to_string(test.nTokens - test.nRows) +
                             (test.window > 0 ? ", window " + std::to_string(test.window) : ""),
                         [&subject, test] { return runKvCodes(subject, test); }});
}

}  // namespace sotto::selftest

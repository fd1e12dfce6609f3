// ropeStore and attention: operations on the paged cache. Blocks are shuffled, and slots that no
// token has written hold NaN. What a set's cache holds goes in and out in the canonical form.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>

#include "base/half.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/selftest/case_data.h"

namespace sotto::selftest {
namespace {

struct CacheShape {
    KvType type;
    std::int32_t blockTokens;
    std::int32_t nHeads;
    std::int32_t nKvHeads;
    std::int32_t headDim;
};

// Sequences of a step: each has `depth` tokens in the cache and `nNew` rows.
struct SequenceShape {
    std::int32_t depth;
    std::int32_t nNew;
};

// A cache with shuffled blocks, and the batch that reads or writes it.
struct Scene {
    Scene(const CacheShape& cacheShape, const std::vector<SequenceShape>& sequenceShapes,
          Random& random)
        : shape(cacheShape) {
        std::int32_t nBlocks = 0;
        for (const SequenceShape& sequence : sequenceShapes)
            nBlocks += (sequence.depth + sequence.nNew + shape.blockTokens - 1) / shape.blockTokens;
        std::vector<std::int32_t> order(at(nBlocks + 2));
        std::iota(order.begin(), order.end(), 0);
        for (std::size_t index = order.size() - 1; index > 0; --index)
            std::swap(order[index], order[at(random.below(static_cast<int>(index) + 1))]);
        auto next = order.begin();
        for (std::size_t index = 0; index < sequenceShapes.size(); ++index) {
            const SequenceShape& sequence = sequenceShapes[index];
            const std::int32_t nTokens = sequence.depth + sequence.nNew;
            const std::int32_t count = (nTokens + shape.blockTokens - 1) / shape.blockTokens;
            blockIds.emplace_back(next, next + count);
            next += count;
            for (std::int32_t row = 0; row < sequence.nNew; ++row) {
                positions.push_back(sequence.depth + row);
                sequenceIndex.push_back(static_cast<std::int32_t>(index));
            }
        }
        for (const auto& ids : blockIds) tables.push_back({ids});
        nBlocksOfAll = static_cast<std::int32_t>(order.size());
        elements.assign(at(nBlocksOfAll * 2 * sideElements()),
                        std::numeric_limits<float>::quiet_NaN());
    }

    std::int64_t nTokens() const { return static_cast<std::int64_t>(positions.size()); }
    // Of a block's keys or values.
    std::int64_t sideElements() const {
        return std::int64_t{shape.nKvHeads} * shape.blockTokens * shape.headDim;
    }
    std::int64_t keyIndex(std::size_t sequence, std::int64_t position, std::int64_t kvHead) const {
        const std::int64_t block = blockIds[sequence][at(position / shape.blockTokens)];
        return block * 2 * sideElements() +
               (kvHead * shape.blockTokens + position % shape.blockTokens) * shape.headDim;
    }
    std::int64_t valueIndex(std::size_t sequence, std::int64_t position,
                            std::int64_t kvHead) const {
        return keyIndex(sequence, position, kvHead) + sideElements();
    }
    BatchView batch() const { return {positions, sequenceIndex, tables}; }

    // The elements in the cache's own type.
    std::vector<std::byte> encoded() const {
        std::vector<std::byte> bytes(elements.size() * (shape.type == KvType::F16 ? 2 : 4));
        for (std::size_t index = 0; index < elements.size(); ++index) {
            const Half half = toHalf(elements[index]);
            if (shape.type == KvType::F16)
                std::memcpy(bytes.data() + index * 2, &half, 2);
            else
                std::memcpy(bytes.data() + index * 4, &elements[index], 4);
        }
        return bytes;
    }
    double decoded(const std::vector<std::byte>& bytes, std::int64_t index) const {
        Half half;
        float value = 0;
        if (shape.type == KvType::F16) {
            std::memcpy(&half, bytes.data() + index * 2, 2);
            return toFloat(half);
        }
        std::memcpy(&value, bytes.data() + index * 4, 4);
        return value;
    }
    KvLayerShape layerShape() const {
        KvLayerShape layer = kvLayerShape(shape.nKvHeads, shape.headDim, shape.type);
        layer.blockTokens = shape.blockTokens;
        return layer;
    }
    KernelLimits limits() const {
        return {.maxTokens = nTokens(),
                .maxCols = std::int64_t{shape.nHeads} * shape.headDim,
                .maxHeads = shape.nHeads,
                .maxHeadDim = shape.headDim,
                .maxContext = 8192};
    }

    CacheShape shape;
    std::vector<std::vector<std::int32_t>> blockIds;  // of each sequence
    std::vector<BlockTableView> tables;
    std::vector<std::int32_t> positions;
    std::vector<std::int32_t> sequenceIndex;
    std::int32_t nBlocksOfAll = 0;
    std::vector<float> elements;  // of all blocks, in the canonical order
};

std::string shapeName(const CacheShape& shape) {
    return std::string(kvTypeTraits(shape.type).name) + ' ' + std::to_string(shape.nHeads) + '/' +
           std::to_string(shape.nKvHeads) + " heads of " + std::to_string(shape.headDim) +
           ", blocks of " + std::to_string(shape.blockTokens);
}

struct RopeCase {
    CacheShape shape;
    RopeKind kind;
    std::int32_t rotaryDims;
    bool hasNorm;
    std::int32_t depth;
    bool isBeyondHalf = false;  // with keys and values that no half holds
};

// What one set made of the queries and the cache.
struct RopeOutcome {
    std::vector<float> q;
    std::vector<std::byte> blocks;
};

// Compares `nElements` neighbours; errors are relative to the largest of them, since a turned pair
// has the size of the pair.
void compareHead(ErrorMeter& meter, const char* what, std::int64_t first, std::int64_t nElements,
                 double relative, double half, const auto& expected, const auto& actual) {
    double largest = 0;
    for (std::int64_t index = first; index < first + nElements; ++index)
        largest = std::fmax(largest, std::fabs(double{expected(index)}));  // none of a NaN
    for (std::int64_t index = first; index < first + nElements; ++index) {
        const double value = expected(index);
        if (std::isnan(value) && std::isnan(double{actual(index)})) continue;
        meter.add(what, index, value, actual(index),
                  relative * largest + half * (std::fabs(value) + 0x1p-14));
    }
}

SelftestResult compareOutcomes(const Scene& scene, bool hasNorm, const RopeOutcome& before,
                               const RopeOutcome& expected, const RopeOutcome& actual) {
    // Eight roundings for the turn; the norm adds those of its sum. Storing as half may fall to the
    // other neighbour.
    const std::int64_t headDim = scene.shape.headDim;
    const double nRoundings = 8 + (hasNorm ? static_cast<double>(headDim) / 16 + 8 : 0);
    const double relative = 2 * nRoundings * kFloatRounding;
    const double half = scene.shape.type == KvType::F16 ? 0x1p-10 : 0.0;
    ErrorMeter meter;
    std::vector<bool> isWritten(scene.elements.size());
    for (std::int64_t first = 0; first < std::ssize(expected.q); first += headDim)
        compareHead(
            meter, "q", first, headDim, relative, 0.0,
            [&](std::int64_t index) { return expected.q[at(index)]; },
            [&](std::int64_t index) { return actual.q[at(index)]; });
    for (std::int64_t token = 0; token < scene.nTokens(); ++token)
        for (std::int64_t kvHead = 0; kvHead < scene.shape.nKvHeads; ++kvHead) {
            const auto sequence = at(scene.sequenceIndex[at(token)]);
            const std::int32_t position = scene.positions[at(token)];
            const auto expectedAt = [&](std::int64_t index) {
                return scene.decoded(expected.blocks, index);
            };
            const auto actualAt = [&](std::int64_t index) {
                return scene.decoded(actual.blocks, index);
            };
            const std::int64_t key = scene.keyIndex(sequence, position, kvHead);
            const std::int64_t value = scene.valueIndex(sequence, position, kvHead);
            compareHead(meter, "key", key, headDim, relative, half, expectedAt, actualAt);
            compareHead(meter, "value", value, headDim, 0.0, 0.0, expectedAt, actualAt);
            for (const std::int64_t first : {key, value})
                std::fill_n(isWritten.begin() + first, headDim, true);
        }
    // All else must be left alone, bit for bit.
    const std::size_t elementBytes = scene.shape.type == KvType::F16 ? 2 : 4;
    for (std::size_t index = 0; index < isWritten.size(); ++index) {
        const std::size_t byte = index * elementBytes;
        if (!isWritten[index] &&
            std::memcmp(&before.blocks[byte], &actual.blocks[byte], elementBytes) != 0)
            return {false, 0, 0, "the cache was written elsewhere, byte " + std::to_string(byte)};
    }
    return meter.result();
}

// Finite numbers at the border of what a half holds and beyond, and what is none. Every seventh
// element, so that each meets every lane.
void putBeyondHalf(std::vector<float>& values) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    constexpr std::array kBeyond = {65519.0f,  65520.0f,   -3e38f,
                                    kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()};
    for (std::size_t index = 0; index < values.size(); index += 7)
        values[index] = kBeyond[index / 7 % kBeyond.size()];
}

SelftestResult runRopeStore(KernelSet& subject, const RopeCase& test) {
    Random random(17);
    std::vector<SequenceShape> sequences = {{test.depth, 3}, {5, 2}};
    // Enough neighbours for a set that stores several keys at once.
    if (test.isBeyondHalf) sequences.push_back({0, 20});
    const Scene scene(test.shape, sequences, random);
    const std::int64_t headDim = test.shape.headDim;
    const std::int64_t kvElements = scene.nTokens() * test.shape.nKvHeads * headDim;
    const RopeOutcome before{gaussians(random, scene.nTokens() * test.shape.nHeads * headDim),
                             scene.encoded()};
    std::vector<float> k = gaussians(random, kvElements);
    std::vector<float> v = gaussians(random, kvElements);
    if (test.isBeyondHalf) {
        putBeyondHalf(k);
        putBeyondHalf(v);
    }
    const std::vector<float> qNorm = gaussians(random, headDim);
    const std::vector<float> kNorm = gaussians(random, headDim);
    std::vector<float> frequencies(at(test.rotaryDims / 2));
    for (std::size_t pair = 0; pair < frequencies.size(); ++pair)
        frequencies[pair] = static_cast<float>(
            std::pow(10000.0, -2.0 * static_cast<double>(pair) / test.rotaryDims));

    const auto run = [&](KernelSet& kernels) -> Result<RopeOutcome> {
        RopeOutcome outcome = before;
        DeviceCopies copies(kernels);
        RopeStoreArgs args;
        args.q = copies.put(before.q);
        args.k = copies.put(k);
        args.v = copies.put(v);
        args.qNorm = test.hasNorm ? copies.put(qNorm) : nullptr;
        args.kNorm = test.hasNorm ? copies.put(kNorm) : nullptr;
        args.kind = test.kind;
        args.rotaryDims = test.rotaryDims;
        args.frequencies = copies.put(frequencies);
        args.magnitude = 1.25f;
        args.nHeads = test.shape.nHeads;
        SOTTO_ASSIGN(const DeviceCache cache,
                     DeviceCache::make(kernels, scene.layerShape(), scene.nBlocksOfAll));
        SOTTO_TRY(cache.write(before.blocks));
        args.cache = cache.layer();
        args.batch = scene.batch();
        SOTTO_TRY(copies.status());
        kernels.ropeStore(args);
        copies.take(static_cast<const float*>(args.q), outcome.q);
        SOTTO_TRY(cache.read(outcome.blocks));
        SOTTO_TRY(copies.status());
        return outcome;
    };
    const auto reserved = subject.reserve(scene.limits());
    if (!reserved) return couldNotRun(reserved.error());
    const auto expected = run(*createReferenceKernels());
    const auto actual = run(subject);
    if (!expected) return couldNotRun(expected.error());
    if (!actual) return couldNotRun(actual.error());
    return compareOutcomes(scene, test.hasNorm, before, *expected, *actual);
}

struct AttentionCase {
    CacheShape shape;
    std::vector<SequenceShape> sequences;
    std::int32_t window;
};

// Error of a row: scores are off by delta = headDim roundings of sum |q k| * scale, so weights by
// 2 delta relatively; the weighted sum and the rescaling add a rounding per key. All relative to
// the largest value seen.
SelftestResult runAttention(KernelSet& subject, const AttentionCase& test) {
    Random random(19 + static_cast<std::uint64_t>(test.shape.headDim));
    Scene scene(test.shape, test.sequences, random);
    const CacheShape& shape = test.shape;
    for (std::size_t sequence = 0; sequence < test.sequences.size(); ++sequence) {
        const SequenceShape& lengths = test.sequences[sequence];
        for (std::int64_t position = 0; position < lengths.depth + lengths.nNew; ++position)
            for (std::int64_t kvHead = 0; kvHead < shape.nKvHeads; ++kvHead)
                for (std::int64_t dim = 0; dim < shape.headDim; ++dim) {
                    const auto key = at(scene.keyIndex(sequence, position, kvHead) + dim);
                    const auto value = at(scene.valueIndex(sequence, position, kvHead) + dim);
                    scene.elements[key] = random.gaussian();
                    scene.elements[value] = random.gaussian();
                }
    }
    const std::vector<std::byte> blocks = scene.encoded();
    const std::vector<float> q = gaussians(random, scene.nTokens() * shape.nHeads * shape.headDim);
    std::vector<float> expected(q.size()), actual(q.size());
    const float scale = 1.0f / std::sqrt(static_cast<float>(shape.headDim));
    const auto run = [&](KernelSet& kernels, std::vector<float>& out) -> Status {
        DeviceCopies copies(kernels);
        AttentionArgs args;
        args.q = copies.put(q);
        args.out = copies.put(out);
        args.scale = scale;
        args.window = test.window;
        args.nHeads = shape.nHeads;
        SOTTO_ASSIGN(const DeviceCache cache,
                     DeviceCache::make(kernels, scene.layerShape(), scene.nBlocksOfAll));
        SOTTO_TRY(cache.write(blocks));
        args.cache = cache.layer();
        args.batch = scene.batch();
        SOTTO_TRY(copies.status());
        kernels.attention(args);
        copies.take(static_cast<const float*>(args.out), out);
        return copies.status();
    };
    const auto reserved = subject.reserve(scene.limits());
    if (!reserved) return couldNotRun(reserved.error());
    const Status defined = run(*createReferenceKernels(), expected);
    const Status ran = run(subject, actual);
    if (!defined) return couldNotRun(defined.error());
    if (!ran) return couldNotRun(ran.error());

    ErrorMeter meter;
    for (std::size_t first = 0; first < q.size(); first += at(shape.headDim)) {
        const std::size_t token = first / at(std::int64_t{shape.nHeads} * shape.headDim);
        const double nKeys = scene.positions[token] + 1;
        double sumOfQ = 0;
        for (std::size_t dim = 0; dim < at(shape.headDim); ++dim)
            sumOfQ += std::fabs(q[first + dim]);
        constexpr double kLargest = 6;  // of a sum of twelve uniforms, minus six
        const double delta = kFloatRounding * (shape.headDim + 4) * sumOfQ * kLargest * scale;
        const double bound = (2 * delta + kFloatRounding * (nKeys + 32)) * kLargest;
        for (std::size_t dim = 0; dim < at(shape.headDim); ++dim)
            meter.add("out", static_cast<std::int64_t>(first + dim), expected[first + dim],
                      actual[first + dim], bound);
    }
    return meter.result();
}

}  // namespace

void addRopeStoreCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    const RopeCase table[] = {
        {{KvType::F16, 32, 4, 2, 64}, RopeKind::Interleaved, 64, false, 0},
        {{KvType::F16, 32, 4, 2, 64}, RopeKind::Neox, 64, true, 31},
        {{KvType::F32, 32, 3, 3, 80}, RopeKind::Neox, 40, false, 32},
        {{KvType::F32, 16, 8, 1, 128}, RopeKind::Interleaved, 128, true, 4095},
        {{KvType::F16, 8, 2, 1, 24}, RopeKind::Neox, 24, false, 32767},
        {{KvType::F16, 32, 5, 5, 8}, RopeKind::None, 0, false, 7},
        {{KvType::F16, 32, 2, 1, 64}, RopeKind::None, 0, false, 7, true},
    };
    for (const RopeCase& test : table) {
        const char* kind = test.kind == RopeKind::None   ? "none "
                           : test.kind == RopeKind::Neox ? "neox "
                                                         : "interleaved ";
        cases.push_back({std::string("ropeStore ") + kind + shapeName(test.shape) + ", position " +
                             std::to_string(test.depth) + (test.hasNorm ? ", normed" : "") +
                             (test.isBeyondHalf ? ", beyond the largest half" : ""),
                         [&subject, test] { return runRopeStore(subject, test); }});
    }
}

void addAttentionCases(KernelSet& subject, std::vector<SelftestCase>& cases) {
    const AttentionCase table[] = {
        {{KvType::F16, 32, 8, 2, 64}, {{0, 1}}, 0},
        {{KvType::F16, 32, 8, 2, 64}, {{100, 1}}, 0},
        {{KvType::F16, 32, 8, 2, 64}, {{31, 70}}, 0},
        {{KvType::F32, 32, 8, 2, 64}, {{0, 33}}, 0},
        {{KvType::F32, 32, 4, 4, 80}, {{63, 3}, {0, 40}, {31, 1}}, 0},
        {{KvType::F16, 16, 7, 1, 128}, {{500, 2}}, 0},
        {{KvType::F16, 32, 32, 8, 64}, {{200, 17}, {33, 1}, {1, 1}}, 0},
        {{KvType::F32, 8, 3, 3, 8}, {{11, 5}}, 0},
        {{KvType::F16, 64, 2, 1, 256}, {{90, 5}}, 0},
        {{KvType::F16, 32, 8, 2, 64}, {{150, 40}}, 24},
        {{KvType::F32, 32, 4, 2, 32}, {{0, 80}, {100, 1}}, 1},
        {{KvType::F32, 32, 4, 2, 32}, {{64, 65}}, 33},
        // Beyond what a set may sum in one go.
        {{KvType::F16, 32, 4, 1, 64}, {{1100, 1}, {510, 4}}, 0},
        {{KvType::F16, 32, 2, 2, 32}, {{1030, 3}}, 600},
    };
    for (const AttentionCase& test : table) {
        std::string name = "attention " + shapeName(test.shape);
        for (const SequenceShape& sequence : test.sequences)
            name += ", " + std::to_string(sequence.nNew) + " at " + std::to_string(sequence.depth);
        if (test.window > 0) name += ", window " + std::to_string(test.window);
        cases.push_back({name, [&subject, test] { return runAttention(subject, test); }});
    }
}

}  // namespace sotto::selftest

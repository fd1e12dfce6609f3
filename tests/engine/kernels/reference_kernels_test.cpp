// The reference set against numbers worked out by hand: it is the definition, so nothing of the
// engine may serve as its judge.
#include <QtTest>
#include <array>
#include <cmath>
#include <vector>

#include "base/half.h"
#include "engine/kernels/experts.h"
#include "engine/kernels/reference/reference_kernels.h"

using namespace sotto;

namespace {

constexpr double kTolerance = 1e-6;  // results are stored as float: 6e-8 relative, values below 10

TensorView floatMatrix(const std::vector<float>& values, std::int64_t nCols) {
    return {reinterpret_cast<const std::byte*>(values.data()), DType::F32, nCols,
            static_cast<std::int64_t>(values.size()) / nCols};
}

#define COMPARE_NEAR(actual, expected)                       \
    QVERIFY2(std::fabs((actual) - (expected)) <= kTolerance, \
             qPrintable(QString("got %1, expected %2").arg(actual).arg(double{expected})))

}  // namespace

class ReferenceKernelsTest : public QObject {
    Q_OBJECT
private slots:
    void embed_scalesRowsByTokenId();
    void rmsNorm_threeFourFive();
    void linear_addsBiasAndResidual();
    void linear_q8Block_multipliesCodesByScale();
    void glu_siluAndGelu_atKnownPoints();
    void experts_twoOfThree_areMixedByTheirWeights();
    void experts_logitsThatAreNoNumbers_comeLast();
    void ropeStore_quarterTurn_interleavedAndNeox();
    void ropeStore_normsHeadsBeforeTurning();
    void ropeStore_ofWhatNoHalfHolds_storesTheLargest();
    void attention_twoKeys_weighsByLogistic();
    void attention_window_seesOnlyTheLastKeys();
};

void ReferenceKernelsTest::embed_scalesRowsByTokenId() {
    const auto kernels = createReferenceKernels();
    const std::vector<float> table = {1, 2, 3, 4, 5, 6};
    const auto weight = kernels->prepareWeight(floatMatrix(table, 2)).value();
    const std::int32_t ids[] = {2, 0};
    float out[4];
    kernels->embed({.table = weight.get(), .tokenIds = ids, .scale = 10.0f, .out = out});
    QCOMPARE(out[0], 50.0f);
    QCOMPARE(out[1], 60.0f);
    QCOMPARE(out[2], 10.0f);
    QCOMPARE(out[3], 20.0f);
}

// mean(3^2, 4^2) = 12.5; with epsilon 12.5 the root is 5.
void ReferenceKernelsTest::rmsNorm_threeFourFive() {
    const float x[] = {3, 4};
    const float weight[] = {2, -1};
    float out[2];
    createReferenceKernels()->rmsNorm(
        {.x = x, .weight = weight, .out = out, .nTokens = 1, .width = 2, .epsilon = 12.5f});
    COMPARE_NEAR(out[0], 3.0 / 5.0 * 2.0);
    COMPARE_NEAR(out[1], 4.0 / 5.0 * -1.0);
}

void ReferenceKernelsTest::linear_addsBiasAndResidual() {
    const auto kernels = createReferenceKernels();
    const std::vector<float> w = {1, 2, 3, -1, 0, 1};  // two rows of three
    const auto weight = kernels->prepareWeight(floatMatrix(w, 3)).value();
    const float x[] = {1, 1, 1, 2, 0, -1};  // two tokens
    const float bias[] = {100, 200};
    float plain[4];
    float residual[4] = {1000, 1000, 1000, 1000};
    const LinearTarget targets[] = {
        {.weight = weight.get(), .out = plain},
        {.weight = weight.get(), .bias = bias, .out = residual, .isAccumulating = true}};
    kernels->linear({.x = x, .nTokens = 2, .targets = targets});
    QCOMPARE(plain[0], 6.0f);
    QCOMPARE(plain[1], 0.0f);
    QCOMPARE(plain[2], -1.0f);
    QCOMPARE(plain[3], -3.0f);
    QCOMPARE(residual[0], 1106.0f);
    QCOMPARE(residual[3], 1197.0f);
}

// One Q8_0 block: f16 scale 0.5, codes 0..31; x = 1, so the sum is 0.5 * 496.
void ReferenceKernelsTest::linear_q8Block_multipliesCodesByScale() {
    const auto kernels = createReferenceKernels();
    std::vector<std::byte> block(34);
    const Half scale = toHalf(0.5f);
    std::memcpy(block.data(), &scale, 2);
    for (int code = 0; code < 32; ++code)
        block[2 + static_cast<std::size_t>(code)] = std::byte(code);
    const auto weight = kernels->prepareWeight({block.data(), DType::Q8_0, 32, 1}).value();
    QVERIFY(weight->isMapped);
    QCOMPARE(weight->residentBytes, std::uint64_t{34});
    const std::vector<float> x(32, 1.0f);
    float out = 0;
    const LinearTarget target{.weight = weight.get(), .out = &out, .isAccumulating = false};
    kernels->linear({.x = x.data(), .nTokens = 1, .targets = {&target, 1}});
    QCOMPARE(out, 248.0f);
}

// silu(1) = 1 / (1 + e^-1); gelu's tanh form at 1 is 0.841192 (Hendrycks and Gimpel 2016 give
// 0.8412), at -10 it is 0 to nine places.
void ReferenceKernelsTest::glu_siluAndGelu_atKnownPoints() {
    const float gate[] = {1, 0, -10};
    const float up[] = {2, 5, 1};
    float out[3];
    createReferenceKernels()->glu(
        {.kind = GluKind::Silu, .gate = gate, .up = up, .out = out, .nTokens = 1, .width = 3});
    COMPARE_NEAR(out[0], 2.0 / (1.0 + std::exp(-1.0)));
    QCOMPARE(out[1], 0.0f);
    COMPARE_NEAR(out[2], -10.0 / (1.0 + std::exp(10.0)));
    createReferenceKernels()->glu(
        {.kind = GluKind::GeluTanh, .gate = gate, .up = up, .out = out, .nTokens = 3, .width = 1});
    COMPARE_NEAR(out[0], 2.0 * 0.8411919906);
    COMPARE_NEAR(out[2], 0.0);
}

namespace {

// One head, blocks of two tokens, F32; filled and looked into by place: keys and values each as if
// their blocks lay behind one another.
class TinyCache {
public:
    explicit TinyCache(std::int32_t headDim) {
        m_layer.shape = kvLayerShape(1, headDim, KvType::F32);
        m_layer.shape.blockTokens = kBlockTokens;
        m_layer.nBlocks = kBlocks;
        m_memory.assign(m_kernels->cacheBytes(m_layer.shape, kBlocks) / sizeof(float), -7.0f);
        m_layer.memory = reinterpret_cast<std::byte*>(m_memory.data());
    }

    float key(std::size_t place) { return element(place, 0); }
    float value(std::size_t place) { return element(place, 1); }
    void set(std::size_t place, float key, float value) {
        std::vector<float> block = read(place / sideFloats());
        block[place % sideFloats()] = key;
        block[sideFloats() + place % sideFloats()] = value;
        const std::int32_t id = static_cast<std::int32_t>(place / sideFloats());
        QVERIFY(m_kernels->writeBlocks(m_layer, {{&id, 1}, kBlockTokens, block.size() * 4},
                                       reinterpret_cast<const std::byte*>(block.data())));
    }
    const KvLayer& layer() const { return m_layer; }
    BatchView batch() {
        table = {blocks};
        sequence.assign(positions.size(), 0);
        return {.positions = positions, .sequenceIndex = sequence, .sequences = {&table, 1}};
    }

    std::vector<std::int32_t> blocks;
    BlockTableView table;
    std::vector<std::int32_t> positions;
    std::vector<std::int32_t> sequence;

private:
    static constexpr std::int32_t kBlocks = 10, kBlockTokens = 2;

    std::size_t sideFloats() const { return m_layer.shape.keyBlockBytes() / sizeof(float); }
    std::vector<float> read(std::size_t block) {
        const auto id = static_cast<std::int32_t>(block);
        std::vector<float> floats(2 * sideFloats());
        const KvBlocks blocksToRead{{&id, 1}, kBlockTokens, floats.size() * sizeof(float)};
        if (!m_kernels->readBlocks(m_layer, blocksToRead,
                                   reinterpret_cast<std::byte*>(floats.data())))
            floats.clear();
        return floats;
    }
    float element(std::size_t place, std::size_t side) {
        return read(place / sideFloats()).at(side * sideFloats() + place % sideFloats());
    }

    std::unique_ptr<KernelSet> m_kernels = createReferenceKernels();
    KvLayer m_layer;
    std::vector<float> m_memory;
};

}  // namespace

// One pair turns by a quarter (angle pi/2 at position 1), the other by nothing. Position 1 lies in
// slot 1 of its block; the sequence's first block is block 3, so element (3 * 2 + 1) * 4 = 28.
namespace {

// Three experts of one inner row each over rows of two, of which every row uses two. The norm's
// weights and the row are chosen so that x = (1, 1).
struct Mixture {
    std::vector<float> router, gate, up, down;
    std::unique_ptr<KernelSet> kernels = createReferenceKernels();

    std::array<float, 2> run(bool isNormalized) {
        const auto prepare = [&](const std::vector<float>& values, std::int64_t nCols) {
            return kernels->prepareWeight(floatMatrix(values, nCols)).value();
        };
        const auto routerWeight = prepare(router, 2), gateWeight = prepare(gate, 2),
                   upWeight = prepare(up, 2), downWeight = prepare(down, 1);
        const float hidden[] = {3, 3};
        const float norm[] = {1, 1};
        float normed[2];
        std::array<float, 2> out{1, 2};
        ExpertsArgs args;
        args.norm = {
            .x = hidden, .weight = norm, .out = normed, .nTokens = 1, .width = 2, .epsilon = 0.0f};
        args.router = routerWeight.get();
        args.gate = gateWeight.get();
        args.up = upWeight.get();
        args.down = downWeight.get();
        args.choice = {3, 2, isNormalized};
        args.out = out.data();
        kernels->experts(args);
        return out;
    }
};

}  // namespace

// Logits 0, ln 2 and ln 5: shares 1/8, 2/8 and 5/8, so the last expert comes before the second.
void ReferenceKernelsTest::experts_twoOfThree_areMixedByTheirWeights() {
    const auto ln2 = static_cast<float>(std::log(2.0)), ln5 = static_cast<float>(std::log(5.0));
    Mixture mixture;
    mixture.router = {0, 0, ln2, 0, 0, ln5};
    mixture.gate = {9, 9, 1, 0, 0, 2};       // the row of each expert: 18, 1, 2
    mixture.up = {9, 9, 0.25f, 0, 0, 0.5f};  // 18, 0.25, 0.5
    mixture.down = {9, 9, 1, 2, 3, -1};
    const auto silu = [](double x) { return x / (1 + std::exp(-x)); };
    const double second = silu(1) * 0.25, third = silu(2) * 0.5;
    const auto whole = mixture.run(false);
    COMPARE_NEAR(whole[0], 1 + 0.25 * second * 1 + 0.625 * third * 3);
    COMPARE_NEAR(whole[1], 2 + 0.25 * second * 2 - 0.625 * third);
    const auto normalized = mixture.run(true);
    COMPARE_NEAR(normalized[0], 1 + 2.0 / 7 * second * 1 + 5.0 / 7 * third * 3);
    COMPARE_NEAR(normalized[1], 2 + 2.0 / 7 * second * 2 - 5.0 / 7 * third);
}

// The weights then are no numbers either; what matters is that experts are chosen that exist.
void ReferenceKernelsTest::experts_logitsThatAreNoNumbers_comeLast() {
    Mixture mixture;
    const float nan = std::nanf("");
    mixture.router = {nan, nan, 0, 0, nan, nan};
    mixture.gate = mixture.up = {1, 1, 1, 1, 1, 1};
    mixture.down = {1, 1, 1, 1, 1, 1};
    QVERIFY(std::isnan(mixture.run(true)[0]));
}

void ReferenceKernelsTest::ropeStore_quarterTurn_interleavedAndNeox() {
    const float frequencies[] = {static_cast<float>(M_PI / 2), 0.0f};
    const float k[] = {1, 2, 3, 4};
    const float v[] = {5, 6, 7, 8};
    const double expectedInterleaved[] = {-2, 1, 3, 4};  // pairs (0,1), (2,3)
    const double expectedNeox[] = {-3, 2, 1, 4};         // pairs (0,2), (1,3)
    for (const RopeKind kind : {RopeKind::Interleaved, RopeKind::Neox}) {
        TinyCache cache(4);
        cache.blocks = {3};
        cache.positions = {1};
        float q[] = {1, 2, 3, 4};
        RopeStoreArgs args;
        args.q = q;
        args.k = k;
        args.v = v;
        args.kind = kind;
        args.rotaryDims = 4;
        args.frequencies = frequencies;
        args.magnitude = 2.0f;
        args.nHeads = 1;
        args.cache = cache.layer();
        args.batch = cache.batch();
        createReferenceKernels()->ropeStore(args);
        const double* expected = kind == RopeKind::Interleaved ? expectedInterleaved : expectedNeox;
        for (int dim = 0; dim < 4; ++dim) {
            COMPARE_NEAR(q[dim], 2.0 * expected[dim]);
            COMPARE_NEAR(cache.key(28 + static_cast<std::size_t>(dim)), 2.0 * expected[dim]);
            QCOMPARE(cache.value(28 + static_cast<std::size_t>(dim)), v[dim]);
        }
        QCOMPARE(cache.key(27), -7.0f);
        QCOMPARE(cache.key(32), -7.0f);
    }
}

void ReferenceKernelsTest::ropeStore_normsHeadsBeforeTurning() {
    TinyCache cache(2);
    cache.blocks = {0};
    cache.positions = {0};
    float q[] = {3, 4};
    const float k[] = {6, 8};
    const float v[] = {1, 1};
    const float qNorm[] = {10, 10};
    const float kNorm[] = {1, 2};
    RopeStoreArgs args;
    args.q = q;
    args.k = k;
    args.v = v;
    args.qNorm = qNorm;
    args.kNorm = kNorm;
    args.normEpsilon = 0.0f;
    args.kind = RopeKind::None;
    args.nHeads = 1;
    args.cache = cache.layer();
    args.batch = cache.batch();
    createReferenceKernels()->ropeStore(args);
    const double root = std::sqrt(12.5);
    COMPARE_NEAR(q[0], 30 / root);
    COMPARE_NEAR(q[1], 40 / root);
    COMPARE_NEAR(cache.key(0), 6 / (2 * root));
    COMPARE_NEAR(cache.key(1), 16 / (2 * root));
}

// 65520 is where rounding to a half begins to give infinity.
void ReferenceKernelsTest::ropeStore_ofWhatNoHalfHolds_storesTheLargest() {
    const auto kernels = createReferenceKernels();
    KvLayer layer;
    layer.shape = kvLayerShape(1, 4, KvType::F16);
    layer.shape.blockTokens = 1;
    layer.nBlocks = 1;
    std::vector<Half> memory(kernels->cacheBytes(layer.shape, 1) / sizeof(Half));
    layer.memory = reinterpret_cast<std::byte*>(memory.data());
    const std::int32_t position = 0, block = 0, sequence = 0;
    const BlockTableView table{{&block, 1}};
    const float k[] = {65519, 65520, -1e38f, -65519};
    const float v[] = {-INFINITY, NAN, INFINITY, -65520};
    float q[] = {1e38f, 0, 0, 0};
    RopeStoreArgs args;
    args.q = q;
    args.k = k;
    args.v = v;
    args.kind = RopeKind::None;
    args.nHeads = 1;
    args.cache = layer;
    args.batch = {{&position, 1}, {&sequence, 1}, {&table, 1}};
    kernels->ropeStore(args);
    Half stored[8];
    QVERIFY(kernels->readBlocks(layer, {{&block, 1}, 1, sizeof(stored)},
                                reinterpret_cast<std::byte*>(stored)));
    const float keys[] = {65504, 65504, -65504, -65504};
    for (int dim = 0; dim < 4; ++dim) QCOMPARE(toFloat(stored[dim]), keys[dim]);
    for (int dim = 4; dim < 7; ++dim) QVERIFY(std::isnan(toFloat(stored[dim])));
    QCOMPARE(toFloat(stored[7]), -65504.0f);
    QCOMPARE(q[0], 1e38f);
}

// Scores 0 and ln 3 weigh values 10 and 20 by 1/4 and 3/4. Two query heads share the KV head; the
// second asks the opposite and gets 3/4 and 1/4.
void ReferenceKernelsTest::attention_twoKeys_weighsByLogistic() {
    TinyCache cache(1);
    cache.blocks = {2};
    cache.positions = {1};
    cache.set(4, 0, 10);  // block 2, slot 0, one dim
    cache.set(5, static_cast<float>(std::log(3.0)), 20);
    const float q[] = {2, -2};
    float out[2];
    AttentionArgs args;
    args.q = q;
    args.out = out;
    args.scale = 0.5f;
    args.nHeads = 2;
    args.cache = cache.layer();
    args.batch = cache.batch();
    createReferenceKernels()->attention(args);
    QVERIFY(std::fabs(out[0] - 17.5) < 1e-5);
    QVERIFY(std::fabs(out[1] - 12.5) < 1e-5);
}

// Equal keys: the mean of the visible values. Positions 0..4 hold 1, 2, 4, 8, 16 in blocks 5, 1, 9.
void ReferenceKernelsTest::attention_window_seesOnlyTheLastKeys() {
    TinyCache cache(1);
    cache.blocks = {5, 1, 9};
    cache.positions = {2, 3, 4};
    const std::size_t places[] = {10, 11, 2, 3, 18};
    for (std::size_t position = 0; position < 5; ++position)
        cache.set(places[position], 0.5f, static_cast<float>(1 << position));
    const float q[] = {1, 1, 1};
    float out[3];
    AttentionArgs args;
    args.q = q;
    args.out = out;
    args.scale = 1.0f;
    args.nHeads = 1;
    args.cache = cache.layer();
    args.batch = cache.batch();
    args.window = 2;
    createReferenceKernels()->attention(args);
    COMPARE_NEAR(out[0], 3.0);
    COMPARE_NEAR(out[1], 6.0);
    QVERIFY(std::fabs(out[2] - 12.0) < 1e-5);
    args.window = 0;
    createReferenceKernels()->attention(args);
    QVERIFY(std::fabs(out[0] - 7.0 / 3.0) < 1e-6);
}

QTEST_APPLESS_MAIN(ReferenceKernelsTest)
#include "reference_kernels_test.moc"

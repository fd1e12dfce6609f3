// ropeStore on the emulated device against the reference: both pairings, partial rotation, norms,
// cache types, far positions, and what must be left alone.
#include <QtTest>
#include <cmath>
#include <cstring>

#include "engine/kernels/cuda/rope_store.h"
#include "engine/kernels/reference/reference_ops.h"
#include "tests/engine/kernels/cuda/paged_scene.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::test;

namespace {

constexpr double kRounding = 0x1p-24;

struct Scene {
    CacheShape shape;
    std::vector<SequenceShape> sequences;
    RopeKind kind = RopeKind::Interleaved;
    std::int32_t rotaryDims = 0;
    bool hasNorm = false;
};

const Scene kScenes[] = {
    {{KvType::F16, 32, 4, 2, 64}, {{0, 1}}, RopeKind::Interleaved, 64},
    {{KvType::F16, 32, 4, 2, 64}, {{31, 3}, {5, 2}}, RopeKind::Neox, 64, true},
    {{KvType::F32, 32, 3, 3, 80}, {{32, 2}}, RopeKind::Neox, 40},
    {{KvType::F32, 16, 8, 1, 128}, {{4095, 1}}, RopeKind::Interleaved, 128, true},
    {{KvType::F16, 8, 2, 1, 24}, {{327, 2}}, RopeKind::Neox, 24},
    {{KvType::F16, 32, 5, 5, 8}, {{7, 1}}, RopeKind::None, 0},
    {{KvType::F32, 32, 2, 1, 256}, {{100, 9}, {0, 8}}, RopeKind::Neox, 256, true},
    {{KvType::F32, 32, 1, 1, 96}, {{12, 1}}, RopeKind::Interleaved, 32, true},
    // Longer than the epilogue of linear_rows takes.
    {{KvType::F16, 32, 3, 1, 260}, {{40, 1}, {2, 3}}, RopeKind::Interleaved, 260, true},
    {{KvType::F32, 32, 2, 1, 512}, {{64, 2}}, RopeKind::Neox, 512, true},
    {{KvType::F16, 16, 2, 2, 512}, {{9, 1}}, RopeKind::Neox, 128},
};

class Step {
public:
    explicit Step(const Scene& description)
        : scene(description), paged(scene.shape, scene.sequences, 3) {
        std::mt19937 random(5);
        const std::int64_t headDim = paged.shape.headDim;
        const std::int64_t nKv = std::int64_t{paged.nTokens()} * paged.shape.nKvHeads * headDim;
        q = gaussians(random, std::int64_t{paged.nTokens()} * paged.shape.nHeads * headDim);
        k = gaussians(random, nKv);
        v = gaussians(random, nKv);
        // Outliers, up to the largest half.
        for (std::size_t index = 0; index < k.size(); index += 41) k[index] *= 300.0f;
        v[0] = 65504.0f;
        qNorm = gaussians(random, headDim);
        kNorm = gaussians(random, headDim);
        for (int pair = 0; pair < scene.rotaryDims / 2; ++pair)
            frequencies.push_back(static_cast<float>(
                std::pow(10000.0, -2.0 * pair / static_cast<double>(scene.rotaryDims))));
    }

    // What the kernel's and the reference's arguments have in common: all but the batch.
    template <typename Args>
    Args sharedArgs() {
        Args args;
        args.q = q.data();
        args.k = k.data();
        args.v = v.data();
        args.qNorm = scene.hasNorm ? qNorm.data() : nullptr;
        args.kNorm = scene.hasNorm ? kNorm.data() : nullptr;
        args.kind = scene.kind;
        args.rotaryDims = scene.rotaryDims;
        args.frequencies = frequencies.data();
        args.magnitude = 1.25f;
        args.nHeads = paged.shape.nHeads;
        return args;
    }

    cuda::RopeStoreLaunch deviceArgs() {
        auto args = sharedArgs<cuda::RopeStoreLaunch>();
        args.cache = paged.cache();
        args.batch = paged.deviceBatch();
        return args;
    }
    void run() { cuda::launchRopeStore(deviceArgs(), {}); }

    void runReference() {
        std::vector<BlockTableView> tables;
        auto args = sharedArgs<RopeStoreArgs>();
        args.batch = paged.hostBatch(tables);
        std::vector<std::byte> canonical;
        args.cache = paged.canonicalCache(canonical);
        reference::ropeStore(args);
        paged.takeCanonical(canonical);
    }

    Scene scene;
    PagedScene paged;
    std::vector<float> q, k, v, qNorm, kNorm, frequencies;
};

// A turned element has the size of its pair at most, and with u = 2^-24: cos and sin are off by
// 2^-22 = 4u (rope_store.cuh), times magnitude u, two products and their sum 3u: 8u of the pair,
// times the magnitude 1.25 and sqrt 2. The norm adds its sum's roundings, headDim / 64 + 7 of them,
// and 4 more. `half`: a cache of halves may round to the other neighbour.
double boundOf(const Scene& scene, double pairSize, double expected, bool isHalf) {
    const double nRoundings =
        8 * 1.25 * 1.415 + (scene.hasNorm ? scene.shape.headDim / 64.0 + 11 : 0);
    const double relative = nRoundings * kRounding * pairSize;
    return relative + (isHalf ? 0x1p-10 * (std::fabs(expected) + 0x1p-14) : 0.0);
}

// The dims whose elements a pair mixes, as the contract (kernel_set.h) numbers them.
int partnerOf(const Scene& scene, int dim) {
    if (scene.kind == RopeKind::None || dim >= scene.rotaryDims) return dim;
    if (scene.kind == RopeKind::Interleaved) return dim ^ 1;
    return (dim + scene.rotaryDims / 2) % scene.rotaryDims;
}

}  // namespace

class RopeStoreTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void ropeStore_matchesReference_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; index < static_cast<int>(std::size(kScenes)); ++index)
            QTest::addRow("scene %d, %d dims", index, kScenes[index].shape.headDim) << index;
    }
    void ropeStore_matchesReference() {
        QFETCH(int, index);
        const Scene& scene = kScenes[index];
        Step expected(scene), actual(scene);
        expected.runReference();
        actual.run();
        const int headDim = scene.shape.headDim;
        for (std::size_t first = 0; first < expected.q.size(); first += at(headDim))
            for (int dim = 0; dim < headDim; ++dim) {
                const double value = expected.q[first + at(dim)];
                const double size =
                    std::hypot(value, double{expected.q[first + at(partnerOf(scene, dim))]});
                const double error = std::fabs(actual.q[first + at(dim)] - value);
                QVERIFY2(
                    error <= boundOf(scene, size, value, false),
                    qPrintable(QStringLiteral("q %1: error %2").arg(first + at(dim)).arg(error)));
            }
        compareCaches(scene, expected.paged, actual.paged);
    }

    // The whole cache: written places within bounds (values to the bit), the rest NaN as before.
    void compareCaches(const Scene& scene, PagedScene& expected, PagedScene& actual) {
        const bool isHalf = scene.shape.type == KvType::F16;
        const std::size_t elementBytes = isHalf ? 2 : 4;
        const std::int64_t nElements = std::ssize(expected.keys) / static_cast<int>(elementBytes);
        const int headDim = scene.shape.headDim;
        std::int64_t nWritten = 0;
        for (std::int64_t element = 0; element < nElements; ++element) {
            const double value = expected.load(expected.keys, element);
            const double key = actual.load(actual.keys, element);
            QCOMPARE(std::isnan(key), std::isnan(value));
            if (std::isnan(value)) continue;
            ++nWritten;
            const int dim = static_cast<int>(element % headDim);
            const double partner =
                expected.load(expected.keys, element - dim + partnerOf(scene, dim));
            QVERIFY(std::fabs(key - value) <=
                    boundOf(scene, std::hypot(value, partner), value, isHalf));
        }
        QCOMPARE(nWritten, std::int64_t{expected.nTokens()} * scene.shape.nKvHeads * headDim);
        QVERIFY(expected.values == actual.values);
    }

    // As an infinity it would make a NaN of every row that does not see it. What was none before is
    // to be found.
    void whatNoHalfHolds_isStoredAsTheLargest() {
        Step step({{KvType::F16, 32, 1, 1, 64}, {{0, 1}}, RopeKind::None, 0});
        step.k[0] = 65519.0f;  // rounds to the largest
        step.k[1] = 65520.0f;  // would round to infinity
        step.k[2] = -3e38f;
        step.v[0] = -65520.0f;
        step.v[1] = INFINITY;
        step.v[2] = NAN;
        step.run();
        const std::int64_t first = step.paged.elementIndex(0, 0, 0);
        const auto written = [&](const std::vector<std::byte>& plane, int dim) {
            return step.paged.load(plane, first + dim);
        };
        QCOMPARE(written(step.paged.keys, 0), 65504.0f);
        QCOMPARE(written(step.paged.keys, 1), 65504.0f);
        QCOMPARE(written(step.paged.keys, 2), -65504.0f);
        QCOMPARE(written(step.paged.values, 0), -65504.0f);
        QVERIFY(std::isnan(written(step.paged.values, 1)));
        QVERIFY(std::isnan(written(step.paged.values, 2)));
    }

    void turn_isExactAtFarPositions_data() {
        QTest::addColumn<int>("position");
        for (const int position : {0, 1, 1000, 131071, 1000003, 4194303})
            QTest::addRow("%d", position) << position;
    }
    // One token with an empty past: the block table has one entry that all positions before it
    // would share, so the position alone is far. Frequencies of 1 make the angle the position.
    void turn_isExactAtFarPositions() {
        QFETCH(int, position);
        const Scene scene{{KvType::F32, 1 << 23, 1, 1, 64}, {{0, 1}}, RopeKind::Neox, 64};
        constexpr int kHeadDim = 64;
        std::vector<float> frequencies;
        for (int pair = 0; pair < kHeadDim / 2; ++pair)
            frequencies.push_back(static_cast<float>(std::pow(1e6, -pair / 32.0)));
        std::vector<float> q(kHeadDim, 0.0f), v(kHeadDim, 0.0f);
        for (int pair = 0; pair < kHeadDim / 2; ++pair) q[at(pair)] = 1.0f;
        const std::vector<float> k = q;
        const std::int32_t zero = 0, firstRows[] = {0, 1};
        cuda::RopeStoreLaunch args;
        args.q = q.data();
        args.k = k.data();
        args.v = v.data();
        args.kind = RopeKind::Neox;
        args.rotaryDims = kHeadDim;
        args.frequencies = frequencies.data();
        args.nHeads = 1;
        // No KV head: only q is turned, so no cache of that length is needed.
        args.cache = {{nullptr, KvType::F32, kHeadDim}, {nullptr, KvType::F32, kHeadDim}, 32, 0};
        args.batch.positions = &position;
        args.batch.sequenceIndex = &zero;
        args.batch.firstRows = firstRows;
        args.batch.nTokens = args.batch.nSequences = args.batch.maxRows = 1;
        cuda::launchRopeStore(args, {});
        for (int pair = 0; pair < kHeadDim / 2; ++pair) {
            const double angle = double(position) * double{frequencies[at(pair)]};
            QVERIFY2(std::fabs(q[at(pair)] - std::cos(angle)) <= 0x1p-22,
                     qPrintable(QStringLiteral("cos of %1").arg(angle, 0, 'g', 12)));
            QVERIFY2(std::fabs(q[at(pair + kHeadDim / 2)] - std::sin(angle)) <= 0x1p-22,
                     qPrintable(QStringLiteral("sin of %1").arg(angle, 0, 'g', 12)));
        }
    }

    void ropeStore_hasSameBitsAloneAndInAnyThreadOrder() {
        const Scene scene = kScenes[1];
        Step together(scene);
        const Step before(scene);
        simt::setThreadOrderSeed(9);
        together.run();
        const std::int64_t rowElements = std::int64_t{scene.shape.nHeads} * scene.shape.headDim;
        const std::int64_t kvElements = std::int64_t{scene.shape.nKvHeads} * scene.shape.headDim;
        Step alone(scene);
        for (std::int32_t token = 0; token < alone.paged.nTokens(); ++token) {
            simt::setThreadOrderSeed(static_cast<std::uint64_t>(token));
            cuda::RopeStoreLaunch args = alone.deviceArgs();
            args.q += token * rowElements;
            args.k += token * kvElements;
            args.v += token * kvElements;
            args.batch.positions += token;
            args.batch.sequenceIndex += token;
            args.batch.nTokens = 1;
            cuda::launchRopeStore(args, {});
        }
        QVERIFY(std::memcmp(alone.q.data(), together.q.data(), alone.q.size() * sizeof(float)) ==
                0);
        QVERIFY(alone.paged.keys == together.paged.keys);
        QVERIFY(alone.paged.values == together.paged.values);
    }
};

QTEST_APPLESS_MAIN(RopeStoreTest)
#include "rope_store_test.moc"

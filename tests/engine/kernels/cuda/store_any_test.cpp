// rope_store on the emulated device into caches of every type against the definition (kv_rows.h),
// to the bit where nothing but the store rounds, and the parts that such caches have on the card.
#include <QtTest>
#include <cmath>
#include <cstring>
#include <set>

#include "engine/kernels/cuda/cuda_sizes.h"
#include "engine/kernels/cuda/rope_store.h"
#include "tests/engine/kernels/cuda/kv_scene.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::test;

namespace {

struct StoreScene {
    KvSceneShape shape;
    RopeKind kind = RopeKind::None;
    std::int32_t rotaryDims = 0;
    bool hasNorm = false;
};

// The rows of a step into `scene`, by the kernel or by the reference.
class StoreStep {
public:
    StoreStep(const StoreScene& description, std::vector<SequenceShape> sequences)
        : m_description(description), scene(description.shape, std::move(sequences)) {
        std::mt19937 random(5);
        const std::int64_t dim = description.shape.headDim;
        const std::int64_t nKv = std::int64_t{scene.paged.nTokens()} * description.shape.nKvHeads;
        q = gaussians(random, std::int64_t{scene.paged.nTokens()} * description.shape.nHeads * dim);
        k = gaussians(random, nKv * dim);
        v = gaussians(random, nKv * dim);
        // A channel that outweighs the others, in every row, and one that is nearly nothing.
        for (std::int64_t row = 0; row < nKv; ++row) {
            k[at(row * dim + 5)] *= 200.0f;
            v[at(row * dim + dim - 1)] *= 200.0f;
            v[at(row * dim)] = 1e-7f;
        }
        norm = gaussians(random, dim);
        for (int pair = 0; pair < description.rotaryDims / 2; ++pair)
            frequencies.push_back(static_cast<float>(
                std::pow(10000.0, -2.0 * pair / double(description.rotaryDims))));
    }

    template <class Args>
    Args sharedArgs() {
        Args args;
        args.q = q.data();
        args.k = k.data();
        args.v = v.data();
        if (m_description.hasNorm) args.qNorm = args.kNorm = norm.data();
        args.kind = m_description.kind;
        args.rotaryDims = m_description.rotaryDims;
        args.frequencies = frequencies.data();
        args.nHeads = m_description.shape.nHeads;
        return args;
    }
    // Leaves the canonical form filled.
    void run() {
        auto args = sharedArgs<cuda::RopeStoreLaunch>();
        args.cache = scene.planes();
        args.batch = scene.paged.deviceBatch();
        cuda::launchRopeStore(args, {});
        scene.fromCard();
    }
    void runReference() {
        auto args = sharedArgs<RopeStoreArgs>();
        std::vector<BlockTableView> tables;
        args.batch = scene.paged.hostBatch(tables);
        args.cache = scene.canonical();
        reference::ropeStore(args);
    }

private:
    StoreScene m_description;

public:
    KvScene scene;
    std::vector<float> q, k, v, norm, frequencies;
};

const std::vector<SequenceShape> kSequences{{30, 3}, {0, 2}};

// The keys of one filled row against the reference's: a rounding of the turn may carry an element
// over the border of two codes, which are twice a half step apart, and the scale by a half's step.
void compareKeys(const StoreScene& description, StoreStep& expected, StoreStep& actual) {
    const KvType type = description.shape.types.key;
    int nFar = 0, nElements = 0;
    for (std::int32_t token = 0; token < expected.scene.paged.nTokens(); ++token)
        for (std::int32_t kvHead = 0; kvHead < description.shape.nKvHeads; ++kvHead) {
            const std::int32_t sequence = expected.scene.paged.sequenceIndex[at(token)];
            const std::int32_t position = expected.scene.paged.positions[at(token)];
            const auto left = expected.scene.row(false, sequence, position, kvHead);
            const auto right = actual.scene.row(false, sequence, position, kvHead);
            for (std::size_t first = 0; first < left.size(); first += 32) {
                double largest = 0;
                for (std::size_t dim = first; dim < first + 32; ++dim)
                    largest = std::max(largest, std::fabs(double{left[dim]}));
                for (std::size_t dim = first; dim < first + 32; ++dim, ++nElements) {
                    const double error = std::fabs(double{left[dim]} - double{right[dim]});
                    QVERIFY2(error <= (2 * halfStepOf(type) + 0x1p-10) * largest,
                             qPrintable(QStringLiteral("element %1: %2 for %3")
                                            .arg(dim)
                                            .arg(right[dim])
                                            .arg(left[dim])));
                    nFar += error > 0.5 * halfStepOf(type) * largest ? 1 : 0;
                }
            }
        }
    // Elements so near a border are one in thousands.
    QVERIFY2(nFar * 100 <= nElements,
             qPrintable(QStringLiteral("%1 of %2").arg(nFar).arg(nElements)));
}

}  // namespace

class StoreAnyTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void rows_areTheDefinitionsToTheBit_data() {
        QTest::addColumn<QString>("types");
        QTest::addColumn<int>("headDim");
        for (const KvType type : allKvTypes())
            for (const int headDim : {32, 64, 96, 128, 256, 512})
                QTest::addRow("%s, %d dims", kvTypeTraits(type).name.data(), headDim)
                    << QString::fromStdString(kvTypesText({type, type})) << headDim;
        QTest::addRow("two types") << "q8_0,q4_0" << 64;
        QTest::addRow("halves and floats of eight bits") << "f16,fp8_e4m3" << 96;
        QTest::addRow("five bits and floats") << "q5_0,f32" << 160;
    }
    void rows_areTheDefinitionsToTheBit() {
        QFETCH(QString, types);
        QFETCH(int, headDim);
        const StoreScene description{{.types = *kvTypesFromText(types.toStdString()),
                                      .headDim = headDim,
                                      .nHeads = 2,
                                      .nKvHeads = 2}};
        StoreStep expected(description, kSequences), actual(description, kSequences);
        expected.runReference();
        actual.run();
        // All of it: rows that nobody wrote are poison as before.
        QVERIFY(expected.scene.canonicalBytes() == actual.scene.canonicalBytes());
    }

    void turnedKeys_areTheReferences_data() {
        QTest::addColumn<QString>("types");
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("rotaryDims");
        QTest::addColumn<bool>("isNeox");
        for (const KvType type : allKvTypes()) {
            if (!isQuantized(type)) continue;
            const QString text = QString::fromStdString(kvTypesText({type, type}));
            QTest::addRow("%s, pairs", kvTypeTraits(type).name.data()) << text << 64 << 64 << false;
            QTest::addRow("%s, halves", kvTypeTraits(type).name.data())
                << text << 128 << 128 << true;
        }
        QTest::addRow("a part turned") << "q8_0" << 96 << 64 << true;
        QTest::addRow("pairs of a part turned") << "q5_0" << 96 << 40 << false;
        QTest::addRow("long") << "q4_0,q8_0" << 512 << 512 << true;
    }
    void turnedKeys_areTheReferences() {
        QFETCH(QString, types);
        QFETCH(int, headDim);
        QFETCH(int, rotaryDims);
        QFETCH(bool, isNeox);
        for (const bool hasNorm : {false, true}) {
            const StoreScene description{
                {.types = *kvTypesFromText(types.toStdString()), .headDim = headDim, .nHeads = 3},
                isNeox ? RopeKind::Neox : RopeKind::Interleaved,
                rotaryDims,
                hasNorm};
            StoreStep expected(description, kSequences), actual(description, kSequences);
            expected.runReference();
            actual.run();
            compareKeys(description, expected, actual);
            for (std::size_t index = 0; index < expected.q.size(); ++index)
                QVERIFY(std::fabs(expected.q[index] - actual.q[index]) <=
                        1e-4f * (1.0f + std::fabs(expected.q[index])));
        }
    }

    // Broken numbers are found wherever the row is; zeros and numbers near nothing stay small.
    void strangeRows_areTheDefinitionsToTheBit_data() {
        QTest::addColumn<float>("number");
        for (const float number : {std::nanf(""), INFINITY, -INFINITY, 0.0f, -0.0f, 1e-30f, 1e-42f,
                                   3e38f, -6e6f, 66000.0f})
            QTest::addRow("%g", double{number}) << number;
    }
    void strangeRows_areTheDefinitionsToTheBit() {
        QFETCH(float, number);
        for (const KvType type : allKvTypes())
            for (const bool isAlone : {false, true}) {
                const StoreScene description{{.types = {type, type}, .headDim = 64}};
                StoreStep expected(description, {{3, 1}}), actual(description, {{3, 1}});
                for (StoreStep* const step : {&expected, &actual}) {
                    // Not turned, so that one group may be broken and the other not.
                    step->scene.layer.shape.key.isRotated = false;
                    step->scene.layer.shape.value.isRotated = false;
                    if (isAlone) std::fill_n(step->v.begin(), 32, 0.0f);
                    if (!isAlone) std::fill_n(step->k.begin(), 32, number);
                    step->v[7] = number;
                }
                expected.runReference();
                actual.run();
                const bool isEqual =
                    expected.scene.canonicalBytes() == actual.scene.canonicalBytes();
                // Of plain halves and floats any NaN will do.
                if (isQuantized(type) || std::isfinite(number))
                    QVERIFY2(isEqual, kvTypeTraits(type).name.data());
            }
    }

    void rows_haveSameBitsInAnyThreadOrder() {
        const StoreScene description{
            {.types = {KvType::Q5_0, KvType::Q4_0}, .headDim = 128}, RopeKind::Neox, 128, true};
        StoreStep first(description, kSequences);
        first.run();
        for (const std::uint64_t seed : {1u, 2u}) {
            simt::setThreadOrderSeed(seed);
            StoreStep again(description, kSequences);
            again.run();
            QVERIFY(first.scene.canonicalBytes() == again.scene.canonicalBytes());
        }
    }

    // Any bytes at all, both ways.
    void parts_keepEveryBit() {
        std::mt19937 random(3);
        for (const KvType type : allKvTypes()) {
            if (!isQuantized(type)) continue;
            constexpr std::size_t kGroups = 37;
            std::vector<std::byte> canonical(kGroups * kvTypeTraits(type).blockBytes);
            for (std::byte& byte : canonical) byte = static_cast<std::byte>(random());
            std::vector<std::byte> codes(kGroups * 32), fifths(kGroups * 4), scales(kGroups * 2);
            const cuda::KvPartBytes parts{
                .codes = codes.data(), .fifths = fifths.data(), .scales = scales.data()};
            cuda::fromCanonical(type, kGroups, canonical.data(), parts);
            std::vector<std::byte> back(canonical.size());
            cuda::toCanonical(type, kGroups, parts, back.data());
            QVERIFY2(back == canonical, kvTypeTraits(type).name.data());
        }
    }

    // What a plan counts: the bytes of the rows, and less than a cache line for each part.
    void cacheBytes_areThoseOfTheRows() {
        for (const KvType key : allKvTypes())
            for (const KvType value : allKvTypes()) {
                const KvLayerShape shape = kvLayerShape(3, 96, KvTypes{key, value});
                for (const std::int32_t nBlocks : {1, 7, 1000}) {
                    const std::uint64_t bytes = cuda::kvPlanesBytes(shape, nBlocks);
                    const std::uint64_t rows = at(nBlocks) * shape.blockBytes();
                    QVERIFY(bytes >= rows && bytes < rows + 6 * kCacheAlignment);
                    QCOMPARE(bytes % kCacheAlignment, std::uint64_t{0});
                }
            }
        // As before there were other types: two planes, each whole cache lines.
        const KvLayerShape halves = kvLayerShape(2, 68, KvType::F16);
        QCOMPARE(cuda::kvPlanesBytes(halves, 3), std::uint64_t{2} * 3 * 2 * 32 * 68 * 2);
    }
};

QTEST_APPLESS_MAIN(StoreAnyTest)
#include "store_any_test.moc"

// A quantized cache on the processor: what is stored are the definition's bytes, what comes out of
// it does not depend on how the work was cut, and is the reference's to the last roundings once the
// query's own rounding is counted in.
#include <QtTest>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/kv_rows.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/tensor/hadamard.h"
#include "tests/engine/kernels/attention_scene.h"

using namespace sotto;
using test::Run;
using test::Scene;

Q_DECLARE_METATYPE(Isa)

namespace {

constexpr KvType kQuantized[] = {KvType::Q8_0, KvType::Q5_0, KvType::Q4_0, KvType::F8E4M3,
                                 KvType::F8E5M2};
constexpr KvType kAll[] = {KvType::F16,  KvType::F32,    KvType::Q8_0,  KvType::Q5_0,
                           KvType::Q4_0, KvType::F8E4M3, KvType::F8E5M2};

constexpr KvTypes kMixed[] = {{KvType::Q8_0, KvType::Q8_0},
                              {KvType::Q4_0, KvType::Q5_0},
                              {KvType::F16, KvType::Q8_0},
                              {KvType::F8E4M3, KvType::F16},
                              {KvType::Q5_0, KvType::F8E5M2}};

void addIsaRows() {
    QTest::addColumn<Isa>("isa");
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
        QTest::addRow("%s", isaName(isa).data()) << isa;
}

bool isCoded(KvType type) {
    return type == KvType::Q8_0 || type == KvType::Q5_0 || type == KvType::Q4_0;
}

QByteArray nameOf(KvTypes types) { return QByteArray::fromStdString(kvTypesText(types)); }

bool isSame(const std::vector<float>& left, const std::vector<float>& right) {
    return left.size() == right.size() &&
           std::memcmp(left.data(), right.data(), left.size() * sizeof(float)) == 0;
}

Scene sceneOf(KvTypes types, std::int32_t headDim) {
    Scene scene;
    scene.shape = kvLayerShape(2, headDim, types);
    scene.hasOutliers = true;
    return scene;
}

// Queries as the set rounds them for keys in codes: turned as those are, to 127 steps of the
// largest of 32, and turned back. The factor of the scores, a power of two or not, moves codes that
// lie between two by a rounding at most.
std::vector<float> roundedQueries(std::vector<float> queries, const KvRow& key) {
    const float factor = 1.0f / std::sqrt(static_cast<float>(key.dim));
    for (std::size_t first = 0; first < queries.size();
         first += static_cast<std::size_t>(key.dim)) {
        float* query = queries.data() + first;
        if (key.isRotated) turnHead(query, key.dim);
        std::vector<double> rounded;
        for (std::int32_t block = 0; block < key.dim; block += 32) {
            float largest = 0;
            for (std::int32_t dim = block; dim < block + 32; ++dim)
                largest = std::max(largest, std::fabs(query[dim] * factor));
            const float inverse = 127.0f / largest;
            for (std::int32_t dim = block; dim < block + 32; ++dim)
                rounded.push_back(double{std::nearbyintf(query[dim] * factor * inverse)} *
                                  double{largest} / 127.0 / double{factor});
        }
        if (key.isRotated) turnHead(rounded.data(), key.dim);
        for (std::size_t dim = 0; dim < rounded.size(); ++dim)
            query[dim] = static_cast<float>(rounded[dim]);
    }
    return queries;
}

}  // namespace

class CpuKvCodesTest : public QObject {
    Q_OBJECT

private slots:
    void cacheBytes_areThoseOfTheRows();
    void ropeStore_storesTheDefinitionsBytes_data() { addIsaRows(); }
    void ropeStore_storesTheDefinitionsBytes();
    void attention_ofEveryPairOfTypes_agreesWithTheReference_data() { addIsaRows(); }
    void attention_ofEveryPairOfTypes_agreesWithTheReference();
    void attention_ofEverySizeOfHead_agreesWithTheReference_data() { addIsaRows(); }
    void attention_ofEverySizeOfHead_agreesWithTheReference();
    void attention_scalesBelowZero_agreeWithTheReference_data() { addIsaRows(); }
    void attention_scalesBelowZero_agreeWithTheReference();
    void attention_anyCutOfTheWork_givesTheSameBits_data() { addIsaRows(); }
    void attention_anyCutOfTheWork_givesTheSameBits();
    void attention_valueThatARowDoesNotSee_neverReachesIt_data() { addIsaRows(); }
    void attention_valueThatARowDoesNotSee_neverReachesIt();
    void attention_avx2AndAvx512_giveTheSameBits();

private:
    void compareWithReference(Isa isa, Scene scene, bool hasTurnedScales = false);
};

// Nothing is padded but the run of a head.
void CpuKvCodesTest::cacheBytes_areThoseOfTheRows() {
    const auto kernels = createCpuKernels({1, Isa::Scalar});
    for (const KvType key : kQuantized)
        for (const KvType value : kQuantized)
            for (const std::int32_t headDim : {32, 64, 96, 128, 256}) {
                const KvLayerShape shape = kvLayerShape(3, headDim, KvTypes{key, value});
                QCOMPARE(kernels->cacheBytes(shape, 5), std::uint64_t{5 * shape.blockBytes()});
            }
}

// Without a rotation by position nothing is rounded before the transform, whose roundings are
// defined, so that a set has no choice.
void CpuKvCodesTest::ropeStore_storesTheDefinitionsBytes() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    const auto reference = createReferenceKernels();
    for (const int nThreads : {1, 3}) {
        const auto kernels = createCpuKernels({nThreads, isa});
        for (const KvType type : kAll)
            for (const bool isRotated : {false, true})
                for (const std::int32_t headDim : {32, 96, 256})
                    for (const float strange :
                         {0.0f, -0.0f, 3e37f, std::numeric_limits<float>::quiet_NaN()}) {
                        Scene scene = sceneOf({type, type}, headDim);
                        scene.shape.key.isRotated = scene.shape.value.isRotated = isRotated;
                        scene.nTokens = 40;
                        scene.strangePosition = 37;
                        scene.strange = strange;
                        const auto expected = Run(*reference, scene).blocks();
                        QVERIFY(!expected.empty());
                        QVERIFY2(Run(*kernels, scene).blocks() == expected,
                                 nameOf({type, type}) + ' ' + QByteArray::number(headDim) + ' ' +
                                     QByteArray::number(strange));
                    }
    }
}

// Scores are off by a rounding per dim of sum |q k| * scale; weights by twice that, the sum of
// values by a rounding per key, relative to the largest. Of values in codes, the weights of 32 keys
// are rounded to 16256 steps of the largest, half a step each; turned back, the errors of a block
// of dims may all meet in one.
void CpuKvCodesTest::compareWithReference(Isa isa, Scene scene, bool hasTurnedScales) {
    const KvRow key = scene.shape.key, value = scene.shape.value;
    const std::int32_t first = scene.nTokens - 5;
    const auto reference = createReferenceKernels();
    const auto kernels = createCpuKernels({2, isa});
    Run slow(*reference, scene), fast(*kernels, scene);
    QVERIFY(fast.isReserved);
    auto blocks = slow.blocks();
    // Those of every third block of 32, of Q8_0: the upper byte of the half in front of its codes.
    if (hasTurnedScales)
        for (std::size_t byte = 1; byte < blocks.size(); byte += 3 * 34)
            blocks[byte] ^= std::byte{0x80};
    QVERIFY(slow.setBlocks(blocks) && fast.setBlocks(blocks));
    QVERIFY(fast.blocks() == blocks);
    if (isCoded(key.type)) slow.setQueries(roundedQueries(slow.queries(), key));
    const auto expected = slow.attend(first, scene.nTokens);
    const auto actual = fast.attend(first, scene.nTokens);

    constexpr double kRounding = 0x1p-24;
    double largestKey = 0, largestValue = 0, largestQuery = 0;  // norms, and an element
    std::vector<float> row(static_cast<std::size_t>(std::max(key.dim, value.dim)));
    const std::size_t nSlots = 32 * static_cast<std::size_t>(scene.shape.nKvHeads);
    for (const std::byte* stored = blocks.data(); stored < blocks.data() + blocks.size();) {
        for (std::size_t slot = 0; slot < nSlots; ++slot, stored += key.bytes()) {
            readKvRow(key, stored, row.data());
            double norm = 0;
            for (std::int32_t dim = 0; dim < key.dim; ++dim)
                norm += std::pow(double{row[static_cast<std::size_t>(dim)]}, 2);
            largestKey = std::max(largestKey, std::sqrt(norm));
        }
        for (std::size_t slot = 0; slot < nSlots; ++slot, stored += value.bytes()) {
            readKvRow(value, stored, row.data());
            for (std::int32_t dim = 0; dim < value.dim; ++dim)
                largestValue =
                    std::max(largestValue, std::fabs(double{row[static_cast<std::size_t>(dim)]}));
        }
    }
    for (std::size_t at = 0; at < slow.queries().size(); at += static_cast<std::size_t>(key.dim)) {
        double norm = 0;
        for (std::size_t dim = at; dim < at + static_cast<std::size_t>(key.dim); ++dim)
            norm += std::pow(double{slow.queries()[dim]}, 2);
        largestQuery = std::max(largestQuery, std::sqrt(norm));
    }
    const double delta =
        kRounding * (key.dim + 16) * largestQuery * largestKey / std::sqrt(double(key.dim));
    const double weights = isCoded(value.type) ? 32 * 0.5 / 16256 : 0;
    const double spread = value.isRotated ? std::sqrt(hadamardBlock(value.dim)) : 1;
    const double bound =
        (2 * delta + kRounding * (scene.nTokens + 32) + weights) * largestValue * spread;
    double worst = 0;
    for (std::size_t index = 0; index < expected.size(); ++index)
        worst = std::max(worst, std::fabs(double{expected[index]} - double{actual[index]}));
    QVERIFY2(worst <= bound, nameOf({key.type, value.type}) + ", heads of " +
                                 QByteArray::number(key.dim) + ": " + QByteArray::number(worst) +
                                 " above " + QByteArray::number(bound));
}

void CpuKvCodesTest::attention_ofEveryPairOfTypes_agreesWithTheReference() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    for (const KvType key : kAll)
        for (const KvType value : kAll) {
#ifdef SOTTO_ADDRESS_SANITIZED
            // Every type in either role is enough there: both codes meet only in sums.
            if (key != value && key != KvType::Q8_0 && value != KvType::Q8_0) continue;
#endif
            Scene scene = sceneOf({key, value}, 64);
            scene.nTokens = 530;
            scene.hasOutliers = false;
            compareWithReference(isa, scene);
            scene.hasOutliers = true;
            if (key == value) compareWithReference(isa, scene);
        }
}

void CpuKvCodesTest::attention_ofEverySizeOfHead_agreesWithTheReference() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    for (const KvType type : kQuantized)
        for (const std::int32_t headDim : {32, 96, 128, 256})
            for (const std::int32_t nHeads : {2, 6, 14}) {
                Scene scene = sceneOf({type, type}, headDim);
                scene.nHeads = nHeads;
                scene.nTokens = 100;
                scene.window = nHeads == 6 ? 45 : 0;
                scene.hasOutliers = nHeads == 14;
                compareWithReference(isa, scene);
            }
}

// Rows alone and together, threads, and a window: both sides of a split's border; two and eight
// query heads per KV head, so that tiles of queries end within a row and between rows.
void CpuKvCodesTest::attention_anyCutOfTheWork_givesTheSameBits() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    constexpr std::int32_t kTokens = 1030, kFirst = 1019;
    for (const KvTypes types : kMixed)
        for (const auto& [nHeads, window, hasOutliers] :
             {std::tuple{4, 0, true}, {4, 520, false}, {16, 520, false}}) {
            Scene scene = sceneOf(types, 64);
            scene.nHeads = nHeads;
            scene.nTokens = kTokens;
            scene.window = window;
            scene.hasOutliers = hasOutliers;
            std::vector<float> expected;
            for (const int nThreads : {1, 2, 7}) {
                const auto kernels = createCpuKernels({nThreads, isa});
                Run run(*kernels, scene);
                const auto together = run.attend(kFirst, kTokens);
                if (expected.empty()) expected = together;
                QVERIFY2(isSame(together, expected), nameOf(types));
            }
            const auto kernels = createCpuKernels({2, isa});
            Run run(*kernels, scene);
            for (const std::int32_t nRows : {1, 2, 3, 5, 8}) {
                std::vector<float> pieces;
                for (std::int32_t row = kFirst; row < kTokens; row += nRows) {
                    const auto piece = run.attend(row, std::min(row + nRows, kTokens));
                    pieces.insert(pieces.end(), piece.begin(), piece.end());
                }
                QVERIFY2(isSame(pieces, expected),
                         nameOf(types) + " by " + QByteArray::number(nRows));
            }
        }
}

// GGUF's quantizer of Q8_0 makes no scale below zero, a file may hold one.
void CpuKvCodesTest::attention_scalesBelowZero_agreeWithTheReference() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    Scene scene = sceneOf({KvType::Q8_0, KvType::Q8_0}, 64);
    scene.nTokens = 96;  // whole blocks: what no token fills is read as zeros
    scene.hasOutliers = false;
    compareWithReference(isa, scene, true);
}

void CpuKvCodesTest::attention_valueThatARowDoesNotSee_neverReachesIt() {
    QFETCH(Isa, isa);
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set");
    constexpr std::int32_t kFirst = 540, kStrange = 545, kEnd = 560;
    const auto kernels = createCpuKernels({2, isa});
    for (const KvType type : kQuantized)
        for (const std::int32_t nHeads : {2, 12})
            for (const std::int32_t window : {0, 7}) {
                Scene scene = sceneOf({type, type}, 64);
                scene.hasOutliers = false;  // with which most weights are zero, and no part
                scene.nHeads = nHeads;
                scene.nTokens = kEnd;
                scene.window = window;
                const auto clean = Run(*kernels, scene).attend(kFirst, kEnd);
                scene.strangePosition = kStrange;
                scene.strange = std::numeric_limits<float>::infinity();
                const auto actual = Run(*kernels, scene).attend(kFirst, kEnd);
                const std::size_t rowFloats = actual.size() / (kEnd - kFirst);
                for (std::int32_t row = kFirst; row < kEnd; ++row) {
                    const std::size_t begin = static_cast<std::size_t>(row - kFirst) * rowFloats;
                    const bool isSeen = row >= kStrange && (window == 0 || row - window < kStrange);
                    bool isRight = true;
                    for (std::size_t index = begin; index < begin + rowFloats; ++index)
                        isRight = isRight && (isSeen ? std::isnan(actual[index])
                                                     : actual[index] == clean[index]);
                    QVERIFY2(isRight, nameOf({type, type}) + ", row " + QByteArray::number(row));
                }
            }
}

void CpuKvCodesTest::attention_avx2AndAvx512_giveTheSameBits() {
    if (!isIsaSupported(Isa::Avx512Vnni)) QSKIP("this processor does not have AVX-512");
    const auto narrow = createCpuKernels({2, Isa::Avx2});
    const auto wide = createCpuKernels({2, Isa::Avx512Vnni});
    std::vector<KvTypes> pairs(std::begin(kMixed), std::end(kMixed));
    for (const KvType type : kQuantized) pairs.push_back({type, type});
    for (const KvTypes types : pairs)
        for (const bool hasOutliers : {false, true}) {
            Scene scene = sceneOf(types, 96);
            scene.nHeads = hasOutliers ? 4 : 16;
            scene.nTokens = 545;
            scene.hasOutliers = hasOutliers;
            QVERIFY2(
                isSame(Run(*narrow, scene).attend(505, 545), Run(*wide, scene).attend(505, 545)),
                nameOf(types));
        }
}

QTEST_APPLESS_MAIN(CpuKvCodesTest)
#include "cpu_kv_codes_test.moc"

// Rows of a cache as the definition writes them: GGUF's own codes, floats of eight bits by a scale
// that lets none of them overflow, and nothing of weights that are broken gets lost.
#include <QtTest>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "base/half.h"
#include "engine/kernels/kv_rows.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/quant/quantize_reference.h"
#include "engine/tensor/hadamard.h"
#include "tests/support/random_floats.h"

using namespace sotto;
using test::randomFloats;

namespace {

constexpr std::int32_t kDim = 96;
constexpr KvType kQuantized[] = {KvType::Q8_0, KvType::Q5_0, KvType::Q4_0, KvType::F8E4M3,
                                 KvType::F8E5M2};

std::vector<std::byte> written(const KvRow& row, std::vector<float> values) {
    std::vector<std::byte> stored(row.bytes(), std::byte{0xaa});
    writeKvRow(row, values.data(), stored.data());
    return stored;
}
std::vector<float> roundTrip(const KvRow& row, const std::vector<float>& values) {
    std::vector<float> back(values.size());
    readKvRow(row, written(row, values).data(), back.data());
    return back;
}
std::vector<float> heads(float size) {
    std::mt19937 random(7);
    std::vector<float> values = randomFloats(random, kDim);
    for (float& value : values) value *= size;
    values[40] *= 50;
    return values;
}

// The furthest that rounding moves an element, in parts of its block's largest magnitude. Q5_0 and
// Q4_0 have no code for the extreme's negative twin; a step more there. The scale as a half adds
// 2^-11 of the largest.
double largestStep(KvType type, double value, double largest) {
    switch (type) {
        case KvType::Q8_0: return 0.5 / 127 + 0x1p-11;
        case KvType::Q5_0: return 1.0 / 16 + 0x1p-11;
        case KvType::Q4_0: return 1.0 / 8 + 0x1p-11;
        // Half a unit of the mantissa; below the least normal number that of the least.
        case KvType::F8E4M3: return std::fmax(std::fabs(value) / largest * 0x1p-4, 0x1p-9 / 448);
        case KvType::F8E5M2: return std::fmax(std::fabs(value) / largest * 0x1p-3, 0x1p-16 / 57344);
        case KvType::F16:
        case KvType::F32: break;
    }
    return 0;
}

}  // namespace

class KvRowsTest : public QObject {
    Q_OBJECT
private slots:
    void quantizedRow_hasTheCodesOfItsGgufType();
    void roundTrip_ofEveryType_staysWithinItsStep();
    void rotatedRow_isTheTurnedHead();
    void noNumber_makesItsBlockNoNumbers();
    void numbersWithoutAScale_areZeros();
    void largestNumbers_stayFinite();
    void attention_overTurnedRows_isThatOverPlainOnes();
};

void KvRowsTest::quantizedRow_hasTheCodesOfItsGgufType() {
    const std::vector<float> values = heads(1);
    for (const auto& [type, dtype] : {std::pair{KvType::Q8_0, DType::Q8_0},
                                      {KvType::Q5_0, DType::Q5_0},
                                      {KvType::Q4_0, DType::Q4_0}}) {
        std::vector<std::byte> expected(rowBytes(dtype, kDim));
        quantizeRow(dtype, values, expected);
        QVERIFY(written({type, kDim}, values) == expected);
    }
}

void KvRowsTest::roundTrip_ofEveryType_staysWithinItsStep() {
    for (const float size : {1e-3f, 1.0f, 100.0f})
        for (const KvType type : kQuantized) {
            const std::vector<float> values = heads(size), back = roundTrip({type, kDim}, values);
            for (std::size_t dim = 0; dim < kDim; ++dim) {
                double largest = 0;
                for (std::size_t index = dim / 32 * 32; index < dim / 32 * 32 + 32; ++index)
                    largest = std::fmax(largest, std::fabs(values[index]));
                // Scales of E5M2 are that small that a half holds few of their bits; a larger one
                // costs a float nothing but its least numbers.
                const double bound = largestStep(type, values[dim], largest) * largest * 1.001;
                QVERIFY2(std::fabs(double{back[dim]} - double{values[dim]}) <= bound,
                         qPrintable(QString("%1, dim %2 of size %3: %4 for %5")
                                        .arg(kvTypeTraits(type).name.data())
                                        .arg(dim)
                                        .arg(size)
                                        .arg(back[dim])
                                        .arg(values[dim])));
            }
        }
}

void KvRowsTest::rotatedRow_isTheTurnedHead() {
    for (const KvType type : {KvType::F32, KvType::F16, KvType::Q4_0}) {
        std::vector<float> turned = heads(1);
        turnHead(turned.data(), kDim);
        QVERIFY(written({type, kDim, true}, heads(1)) == written({type, kDim}, turned));
    }
}

void KvRowsTest::noNumber_makesItsBlockNoNumbers() {
    for (const KvType type : kQuantized)
        for (const float strange :
             {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
            std::vector<float> values = heads(1);
            values[33] = strange;
            const std::vector<float> back = roundTrip({type, kDim}, values);
            for (std::size_t dim = 0; dim < kDim; ++dim)
                QCOMPARE(std::isnan(back[dim]), dim / 32 == 1);
        }
}

void KvRowsTest::numbersWithoutAScale_areZeros() {
    for (const KvType type : {KvType::Q8_0, KvType::Q5_0, KvType::Q4_0})
        for (const float size : {0.0f, -1e-9f, 1e-40f}) {
            const std::vector<std::byte> stored =
                written({type, kDim}, std::vector<float>(kDim, size));
            QVERIFY(stored == std::vector<std::byte>(stored.size()));
        }
    // The least half is scale enough for these.
    QCOMPARE(roundTrip({KvType::F8E5M2, kDim}, std::vector<float>(kDim, 0x1p-30f))[5], 0x1p-30f);
}

void KvRowsTest::largestNumbers_stayFinite() {
    for (const KvType type : kQuantized)
        for (const float sign : {1.0f, -1.0f}) {
            std::vector<float> values = heads(1);
            values[3] = sign * 3e38f;
            const std::vector<float> back = roundTrip({type, kDim}, values);
            QVERIFY(std::isfinite(back[3]) && back[3] * sign >= 65504.0f);
        }
}

// Turning keys and queries leaves their products, turning back the sum undoes it; in F32 but for
// the float roundings of what is stored.
void KvRowsTest::attention_overTurnedRows_isThatOverPlainOnes() {
    constexpr std::int32_t kTokens = 5;
    std::mt19937 random(3);
    const std::vector<float> q = randomFloats(random, kTokens * 2 * kDim),
                             k = randomFloats(random, kTokens * kDim),
                             v = randomFloats(random, kTokens * kDim);
    const std::vector<std::int32_t> positions{0, 1, 2, 3, 4}, sequence(kTokens, 0), blocks{0};
    const BlockTableView table{blocks};
    const auto kernels = createReferenceKernels();
    const auto run = [&](bool isRotated) {
        KvLayer layer;
        layer.shape = kvLayerShape(1, kDim, KvType::F32);
        layer.shape.key.isRotated = layer.shape.value.isRotated = isRotated;
        layer.nBlocks = 1;
        std::vector<std::byte> memory(kernels->cacheBytes(layer.shape, 1));
        layer.memory = memory.data();
        std::vector<float> queries = q, out(q.size());
        RopeStoreArgs store;
        store.q = queries.data();
        store.k = k.data();
        store.v = v.data();
        store.kind = RopeKind::None;
        store.nHeads = 2;
        store.cache = layer;
        store.batch = {positions, sequence, {&table, 1}};
        kernels->ropeStore(store);
        AttentionArgs args;
        args.q = queries.data();
        args.out = out.data();
        args.scale = 0.1f;
        args.nHeads = 2;
        args.cache = layer;
        args.batch = store.batch;
        kernels->attention(args);
        return out;
    };
    const std::vector<float> plain = run(false), turned = run(true);
    // Per element some nine roundings relative to a norm of about sqrt(96).
    for (std::size_t index = 0; index < plain.size(); ++index)
        QVERIFY(std::fabs(plain[index] - turned[index]) <= 9 * 0x1p-24 * 10 * 3);
}

QTEST_APPLESS_MAIN(KvRowsTest)
#include "kv_rows_test.moc"

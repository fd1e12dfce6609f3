// Keys that were stored for some positions and moved are those of their new positions: against
// keys that were stored there, and of quantized types against the rotation in double of what was
// stored. Values and the slots that nobody has filled stay as they are. SOTTO_TEST_CUDA: the fast
// set is that of the emulated card.
#include "engine/kernels/move_keys.h"

#include <QtTest>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/cuda/cuda_kernels.h"
#include "engine/kernels/kv_rows.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/tensor/hadamard.h"
#include "tests/support/random_floats.h"

using namespace sotto;
using test::randomFloats;

namespace {

constexpr std::int32_t kHeads = 2;
constexpr std::int32_t kDim = 64;
constexpr std::int32_t kBlocks = 9;
constexpr std::int32_t kBlock = 32;
constexpr std::int64_t kFilled = 3 * kBlock + 5;

std::vector<float> frequencies(std::int32_t rotaryDims) {
    std::vector<float> speeds;
    for (std::int32_t pair = 0; pair < rotaryDims / 2; ++pair)
        speeds.push_back(static_cast<float>(std::pow(10000.0, -2.0 * pair / rotaryDims)));
    return speeds;
}

struct Layer {
    explicit Layer(std::unique_ptr<KernelSet> set, KvTypes types) : kernels(std::move(set)) {
        layer.shape = kvLayerShape(kHeads, kDim, types);
        layer.nBlocks = kBlocks;
        auto allocated = kernels->allocate(kernels->cacheBytes(layer.shape, kBlocks));
        [&] { QVERIFY(allocated); }();
        memory = std::move(*allocated);
        layer.memory = memory.data();
    }

    // The same keys and values, as those of the positions from `first` on.
    void store(RopeKind kind, const std::vector<float>& speeds, std::int32_t first,
               std::span<const std::int32_t> blocks) {
        std::mt19937 random(3);
        std::vector<float> q = randomFloats(random, kFilled * kDim);
        std::vector<float> k = randomFloats(random, kFilled * kHeads * kDim);
        const std::vector<float> v = randomFloats(random, kFilled * kHeads * kDim);
        // One channel of all keys is an outlier, as in real models.
        for (std::size_t row = 0; row < k.size(); row += kDim) k[row + 11] *= 30;
        // Their slots are the first ones, whatever their positions.
        std::vector<std::int32_t> table(static_cast<std::size_t>(first / kBlock), 0);
        table.insert(table.end(), blocks.begin(), blocks.end());
        std::vector<std::int32_t> positions(kFilled);
        std::iota(positions.begin(), positions.end(), first);
        const std::vector<std::int32_t> sequence(kFilled, 0);
        const BlockTableView view{table};
        RopeStoreArgs args;
        args.q = q.data();
        args.k = k.data();
        args.v = v.data();
        args.kind = kind;
        args.rotaryDims = static_cast<std::int32_t>(2 * speeds.size());
        args.frequencies = speeds.data();
        args.nHeads = 1;
        args.cache = layer;
        args.batch = {positions, sequence, {&view, 1}};
        kernels->ropeStore(args);
        [&] { QVERIFY(kernels->finish()); }();
    }
    std::vector<std::byte> read(std::span<const std::int32_t> blocks) const {
        std::vector<std::byte> bytes(blocks.size() * layer.shape.blockBytes());
        [&] {
            QVERIFY(kernels->readBlocks(layer, {blocks, kFilled, layer.shape.blockBytes()},
                                        bytes.data()));
        }();
        return bytes;
    }

    std::unique_ptr<KernelSet> kernels;
    Buffer memory;
    KvLayer layer;
};

// As they are stored, but without the Hadamard transform.
std::vector<double> keyAt(const KvLayerShape& shape, const std::vector<std::byte>& bytes,
                          std::int32_t head, std::int32_t slot) {
    const std::size_t block = static_cast<std::size_t>(slot / kBlock) * shape.blockBytes();
    std::vector<float> values(kDim);
    readKvRow(shape.key, bytes.data() + block + keyOffset(shape, head, slot % kBlock),
              values.data());
    std::vector<double> key(values.begin(), values.end());
    if (shape.key.isRotated) turnHead(key.data(), kDim);
    return key;
}
std::vector<std::byte> valuesOf(const KvLayerShape& shape, const std::vector<std::byte>& bytes) {
    std::vector<std::byte> values;
    for (std::size_t block = 0; block < bytes.size(); block += shape.blockBytes())
        values.insert(values.end(),
                      bytes.begin() + static_cast<std::ptrdiff_t>(block + shape.keyBlockBytes()),
                      bytes.begin() + static_cast<std::ptrdiff_t>(block + shape.blockBytes()));
    return values;
}

std::vector<double> rotated(std::vector<double> key, RopeKind kind,
                            const std::vector<float>& speeds, double distance) {
    for (std::size_t pair = 0; pair < speeds.size(); ++pair) {
        const bool isNeox = kind == RopeKind::Neox;
        double& first = key[isNeox ? pair : 2 * pair];
        double& second = key[isNeox ? pair + speeds.size() : 2 * pair + 1];
        const double angle = distance * static_cast<double>(speeds[pair]);
        const double x = first * std::cos(angle) - second * std::sin(angle);
        second = first * std::sin(angle) + second * std::cos(angle);
        first = x;
    }
    return key;
}
double norm(const std::vector<double>& values) {
    return std::sqrt(std::inner_product(values.begin(), values.end(), values.begin(), 0.0));
}
double distanceOf(const std::vector<double>& left, const std::vector<double>& right) {
    double sum = 0;
    for (std::size_t index = 0; index < left.size(); ++index)
        sum += (left[index] - right[index]) * (left[index] - right[index]);
    return std::sqrt(sum);
}

double furthest(const KvRow& row, const std::byte* left, const std::byte* right) {
    std::vector<float> a(kDim), b(kDim);
    readKvRow(row, left, a.data());
    readKvRow(row, right, b.data());
    double most = 0;
    for (std::size_t dim = 0; dim < a.size(); ++dim)
        most = std::fmax(most, std::fabs(double(a[dim]) - b[dim]));
    return most;
}

std::unique_ptr<KernelSet> makeSet(bool isReference) {
    std::unique_ptr<KernelSet> kernels = createReferenceKernels();
#ifdef SOTTO_TEST_CUDA
    if (!isReference) kernels = std::move(createCudaKernels({}).value());
#else
    if (!isReference) kernels = createCpuKernels({2});
#endif
    [&] {
        QVERIFY(kernels->reserve({.maxTokens = 128,
                                  .maxCols = 256,
                                  .maxHeads = kHeads,
                                  .maxHeadDim = kDim,
                                  .maxContext = 1024,
                                  .maxReadback = 64}));
    }();
    return kernels;
}

constexpr std::int32_t kFrom[] = {7, 1, 4, 2};
constexpr std::int32_t kOther[] = {0, 1, 6, 2};

}  // namespace

class MoveKeysTest : public QObject {
    Q_OBJECT

private slots:
    // Two roundings to the type, of a row whose length a rotation keeps; sets take sines of angles
    // in floats.
    void keys_areThoseOfTheirNewPositions_data() { shapes({KvType::F32, KvType::F16}); }
    void keys_areThoseOfTheirNewPositions() {
        QFETCH(int, type);
        QFETCH(int, kind);
        QFETCH(int, rotaryDims);
        QFETCH(bool, isReference);
        const auto rope = static_cast<RopeKind>(kind);
        const auto keyType = static_cast<KvType>(type);
        const std::vector<float> speeds = frequencies(rotaryDims);
        constexpr std::int32_t kOld = 640, kDistance = 608;
        Layer moved(makeSet(isReference), {keyType, KvType::F16});
        Layer fresh(makeSet(isReference), {keyType, KvType::F16});
        moved.store(rope, speeds, kOld, kFrom);
        fresh.store(rope, speeds, kOld - kDistance, kOther);
        QVERIFY(moved.kernels->moveBlocks(moved.layer, {kFrom, kOther, kFilled},
                                          {rope, speeds, -kDistance}));
        const auto actual = moved.read(kOther), expected = fresh.read(kOther);
        QVERIFY(valuesOf(moved.layer.shape, actual) == valuesOf(moved.layer.shape, expected));
        const double rounding = keyType == KvType::F16 ? 2 * 0x1p-11 : 2 * 0x1p-23;
        const double angles = kOld * 0x1p-23;
        for (std::int32_t head = 0; head < kHeads; ++head)
            for (std::int32_t slot = 0; slot < kFilled; ++slot) {
                const auto key = keyAt(moved.layer.shape, actual, head, slot);
                const auto wanted = keyAt(moved.layer.shape, expected, head, slot);
                const double bound = (rounding + angles + 0x1p-20) * norm(wanted);
                QVERIFY2(distanceOf(key, wanted) <= bound, qPrintable(QString::number(slot)));
            }
    }

    // What was stored, rotated in double and stored again: a code may fall the other way where the
    // float beside the double is another one.
    void codes_areThoseOfTheRotatedRow_data() {
        shapes({KvType::Q8_0, KvType::Q5_0, KvType::Q4_0, KvType::F8E4M3, KvType::F8E5M2});
    }
    void codes_areThoseOfTheRotatedRow() {
        QFETCH(int, type);
        QFETCH(int, kind);
        QFETCH(int, rotaryDims);
        QFETCH(bool, isReference);
        const auto rope = static_cast<RopeKind>(kind);
        const std::vector<float> speeds = frequencies(rotaryDims);
        Layer layer(makeSet(isReference), {static_cast<KvType>(type), KvType::Q8_0});
        const KvLayerShape& shape = layer.layer.shape;
        layer.store(rope, speeds, 96, kFrom);
        const auto before = layer.read(kFrom);
        QVERIFY(
            layer.kernels->moveBlocks(layer.layer, {kFrom, kFrom, kFilled}, {rope, speeds, -64}));
        const auto after = layer.read(kFrom);
        QVERIFY(valuesOf(shape, after) == valuesOf(shape, before));
        int nOther = 0;
        for (std::int32_t head = 0; head < kHeads; ++head)
            for (std::int32_t slot = 0; slot < kFilled; ++slot) {
                const auto wanted = rotated(keyAt(shape, before, head, slot), rope, speeds, -64);
                std::vector<float> values(wanted.begin(), wanted.end());
                std::vector<std::byte> stored(shape.key.bytes());
                writeKvRow(shape.key, values.data(), stored.data());
                const std::size_t place =
                    static_cast<std::size_t>(slot / kBlock) * shape.blockBytes() +
                    keyOffset(shape, head, slot % kBlock);
                for (std::size_t index = 0; index < stored.size(); ++index)
                    nOther += stored[index] != after[place + index] ? 1 : 0;
            }
        QVERIFY2(nOther <= kFilled * kHeads / 10, qPrintable(QString::number(nOther)));
    }

    void distanceOfNothing_changesNothing() {
        const std::vector<float> speeds = frequencies(kDim);
        Layer layer(makeSet(true), KvTypes{});
        layer.store(RopeKind::Neox, speeds, 32, kFrom);
        const auto before = layer.read(kFrom);
        QVERIFY(layer.kernels->moveBlocks(layer.layer, {kFrom, kFrom, kFilled},
                                          {RopeKind::Neox, speeds, 0}));
        QVERIFY(layer.read(kFrom) == before);
    }

    void keysWithoutPositions_comeAsTheyAre() {
        Layer layer(makeSet(false), KvTypes{});
        layer.store(RopeKind::None, {}, 32, kFrom);
        const auto before = layer.read(kFrom);
        QVERIFY(layer.kernels->moveBlocks(layer.layer, {kFrom, kOther, kFilled},
                                          {RopeKind::None, {}, -32}));
        QVERIFY(layer.read(kOther) == before);
    }

    // More blocks than go through the host at once, and one of them filled in part.
    void manyBlocks_moveAsOneDoes() {
        const std::vector<float> speeds = frequencies(kDim);
        constexpr std::size_t kMany = 37;
        const KvLayerShape shape = kvLayerShape(kHeads, kDim, KvTypes{});
        const auto kernels = makeSet(false);
        auto memory = kernels->allocate(kernels->cacheBytes(shape, kMany));
        QVERIFY(memory);
        const KvLayer layer{shape, kMany, memory->data()};
        std::mt19937 random(9);
        const std::size_t nElements = kMany * shape.blockBytes() / 2;
        const std::vector<float> values = randomFloats(random, nElements);
        std::vector<std::byte> bytes(kMany * shape.blockBytes());
        for (std::size_t index = 0; index < nElements; ++index) {
            const KvRow row{KvType::F16, 1};
            float value = values[index];
            writeKvRow(row, &value, bytes.data() + 2 * index);
        }
        std::vector<std::int32_t> ids(kMany);
        std::iota(ids.begin(), ids.end(), 0);
        constexpr std::int64_t kTokens = kMany * kBlock - 9;
        QVERIFY(
            kernels->writeBlocks(layer, {ids, kMany * kBlock, shape.blockBytes()}, bytes.data()));
        const KeyMove move{RopeKind::Interleaved, speeds, -320};
        QVERIFY(kernels->moveBlocks(layer, {ids, ids, kTokens}, move));
        std::vector<std::byte> actual(bytes.size());
        QVERIFY(kernels->readBlocks(layer, {ids, kTokens, shape.blockBytes()}, actual.data()));
        for (std::size_t block = 0; block < kMany; ++block) {
            std::byte* expected = bytes.data() + block * shape.blockBytes();
            const std::int64_t nFilled = block + 1 < kMany ? kBlock : kBlock - 9;
            moveKeys(shape, move, nFilled, shape.blockBytes(), expected);
            const std::byte* const moved = actual.data() + block * shape.blockBytes();
            for (std::int32_t head = 0; head < kHeads; ++head)
                for (std::int64_t slot = 0; slot < nFilled; ++slot) {
                    const std::size_t offset = keyOffset(shape, head, slot);
                    // One fused product and sum may round the other way.
                    QVERIFY(furthest(shape.key, expected + offset, moved + offset) <= 0x1p-8);
                }
        }
    }

private:
    static void shapes(std::initializer_list<KvType> types) {
        QTest::addColumn<int>("type");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("rotaryDims");
        QTest::addColumn<bool>("isReference");
        for (const KvType type : types)
            for (const RopeKind kind : {RopeKind::Interleaved, RopeKind::Neox})
                for (const std::int32_t rotaryDims : {kDim, kDim / 4})
                    for (const bool isReference : {true, false})
                        QTest::addRow("%d %s, %d of %d, %s", static_cast<int>(type),
                                      kind == RopeKind::Neox ? "neox" : "interleaved", rotaryDims,
                                      kDim, isReference ? "reference" : "processor")
                            << static_cast<int>(type) << static_cast<int>(kind) << rotaryDims
                            << isReference;
    }
};

QTEST_APPLESS_MAIN(MoveKeysTest)
#include "move_keys_test.moc"

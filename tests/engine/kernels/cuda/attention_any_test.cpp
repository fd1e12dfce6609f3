// Attention on the emulated device over caches of every type against the formula in double:
// decode's splits, prefill's single pass and the plain variant, rotated rows, keys and values of
// two types.
#include <QtTest>
#include <cmath>

#include "engine/kernels/cuda/attention.h"
#include "engine/tensor/hadamard.h"
#include "tests/engine/kernels/cuda/attention_bounds.h"
#include "tests/engine/kernels/cuda/kv_scene.h"
#include "tests/support/simt/control.h"

using namespace sotto;
using namespace sotto::test;

namespace {

constexpr double kRounding = 0x1p-24;

struct AnyScene {
    KvSceneShape shape;
    std::vector<SequenceShape> sequences;
    std::int32_t window = 0;
};

// A step with its inputs; runs give [nTokens, nHeads, headDim].
class AnyStep {
public:
    explicit AnyStep(const AnyScene& description)
        : scene(description.shape, description.sequences), window(description.window) {
        nHeads = description.shape.nHeads;
        headDim = description.shape.headDim;
        std::mt19937 random(21);
        for (std::int32_t sequence = 0; sequence < std::ssize(description.sequences); ++sequence)
            for (std::int32_t position = 0; position < description.sequences[at(sequence)].end();
                 ++position)
                for (std::int32_t kvHead = 0; kvHead < description.shape.nKvHeads; ++kvHead)
                    for (const bool isValue : {false, true}) {
                        auto row = gaussians(random, headDim);
                        // A channel that outweighs the others.
                        row[at(isValue ? headDim - 3 : 9)] *= 30.0f;
                        writeKvRow(isValue ? scene.layer.shape.value : scene.layer.shape.key,
                                   row.data(), scene.rowAt(isValue, sequence, position, kvHead));
                    }
        scene.toCard();
        q = gaussians(random, nElements());
        for (std::size_t index = 9; index < q.size(); index += at(headDim)) q[index] *= 0.05f;
        scale = 1.0f / std::sqrt(static_cast<float>(headDim));
        batch = scene.paged.deviceBatch();
    }

    std::int64_t nElements() const {
        return std::int64_t{scene.paged.nTokens()} * nHeads * headDim;
    }

    std::vector<float> runPrefill() {
        std::vector<float> out(at(nElements()), std::nanf(""));
        cuda::launchAttention(args(out), {});
        return out;
    }
    std::vector<float> runDecode() {
        std::vector<float> out(at(nElements()), std::nanf(""));
        const std::int32_t longest = batch.maxPositions;
        std::vector<float> partials(
            at(cuda::attentionPartialBytes(nHeads, headDim, longest)) / sizeof(float),
            std::nanf(""));
        std::vector<std::int32_t> finished(
            at(cuda::attentionCounterBytes(scene.layer.shape.nKvHeads, longest)) /
                sizeof(std::int32_t),
            0);
        cuda::AttentionLaunch launch = args(out);
        launch.partials = partials.data();
        launch.finishedSplits = finished.data();
        cuda::launchAttention(launch, {});
        areCountersZero = std::ranges::all_of(finished, [](std::int32_t n) { return n == 0; });
        return out;
    }

    KvScene scene;
    std::int32_t window;
    std::int32_t nHeads = 0, headDim = 0;
    std::vector<float> q;
    float scale = 0;
    cuda::DeviceBatch batch;
    cuda::ActivationPlane next;
    bool areCountersZero = true;

private:
    cuda::AttentionLaunch args(std::vector<float>& out) {
        cuda::AttentionLaunch launch;
        launch.q = q.data();
        launch.out = out.data();
        launch.scale = scale;
        launch.window = window;
        launch.nHeads = nHeads;
        launch.cache = scene.planes();
        launch.batch = batch;
        launch.next = next;
        return launch;
    }
};

// Those that have a variant on the tensor cores, for which elements become halves.
bool isOnTensorCores(int headDim) {
    return headDim == 64 || headDim == 96 || headDim == 128 || headDim == 256;
}
double elementRounding(const KvRow& row) {
    return isQuantized(row.type) && isOnTensorCores(row.dim) ? 0x1p-11 : 0.0;
}

// The largest sum of magnitudes of a block, times its scale: no element is larger once turned.
double turnedSize(const std::vector<double>& row) {
    const auto block = at(hadamardBlock(static_cast<std::int32_t>(row.size())));
    double most = 0;
    for (std::size_t first = 0; first < row.size(); first += block) {
        double sum = 0;
        for (std::size_t dim = first; dim < first + block; ++dim) sum += std::fabs(row[dim]);
        most = std::max(most, sum / std::sqrt(static_cast<double>(block)));
    }
    return most;
}

// As expectedOf() of attention_step.h, and besides, with u = 2^-24 and r what an element loses as a
// half (2^-11 of it, at least 2^-25; nothing in the plain variant):
//   score   r of each key; the query's turn log2(block) + 2 roundings of what its block may sum to
//   values  r of each; turned back, an element has the errors of its block over sqrt(block)
void addExpected(AnyStep& step, int token, int head, ExpectedAttention& expected) {
    const KvRow& key = step.scene.layer.shape.key;
    const KvRow& value = step.scene.layer.shape.value;
    const int dim = step.headDim;
    const std::int32_t sequence = step.scene.paged.sequenceIndex[at(token)];
    const int last = step.scene.paged.positions[at(token)];
    const int first = step.window > 0 ? std::max(0, last - step.window + 1) : 0;
    const int kvHead = head / (step.nHeads / step.scene.layer.shape.nKvHeads);
    const float* const from = step.q.data() + (std::int64_t{token} * step.nHeads + head) * dim;
    std::vector<double> query(from, from + dim);
    const double turnRoundings = std::log2(hadamardBlock(dim)) + 2;
    const double queryError = key.isRotated ? turnRoundings * kRounding * turnedSize(query) : 0.0;
    if (key.isRotated) turnHead(query.data(), dim);
    std::vector<double> weights;
    double delta = 0;
    for (int position = first; position <= last; ++position) {
        const auto row = step.scene.row(false, sequence, position, kvHead);
        double score = 0, size = 0, keySize = 0, querySize = 0;
        for (int index = 0; index < dim; ++index) {
            score += query[at(index)] * row[at(index)];
            size += std::fabs(query[at(index)] * row[at(index)]);
            keySize += std::fabs(row[at(index)]);
            querySize += std::fabs(query[at(index)]);
        }
        weights.push_back(score * step.scale);
        const double error = ((dim + 12) * kRounding + elementRounding(key)) * size +
                             queryError * keySize + querySize * 0x1p-25;
        delta = std::max(delta, error * step.scale);
    }
    const double largest = *std::ranges::max_element(weights);
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - largest);
    const double relative = 2 * std::expm1(delta) + elementRounding(value) +
                            (40.0 + 2.0 * static_cast<double>(weights.size())) * kRounding;
    std::vector<double> out(at(dim), 0.0), bound(at(dim), 1e-30 + 0x1p-25);
    for (int position = first; position <= last; ++position) {
        const auto row = step.scene.row(true, sequence, position, kvHead);
        const double weight = weights[at(position - first)] / sum;
        for (int index = 0; index < dim; ++index) {
            out[at(index)] += weight * row[at(index)];
            bound[at(index)] += relative * weight * std::fabs(row[at(index)]);
        }
    }
    if (value.isRotated) {
        const double block = hadamardBlock(dim);
        for (std::size_t begin = 0; begin < bound.size(); begin += at(hadamardBlock(dim))) {
            double all = 0;
            for (std::size_t index = begin; index < begin + at(hadamardBlock(dim)); ++index)
                all += bound[index] + turnRoundings * kRounding * std::fabs(out[index]);
            std::fill_n(bound.begin() + static_cast<std::ptrdiff_t>(begin), hadamardBlock(dim),
                        all / std::sqrt(block));
        }
        turnHead(out.data(), dim);
    }
    expected.out.insert(expected.out.end(), out.begin(), out.end());
    expected.bound.insert(expected.bound.end(), bound.begin(), bound.end());
}

ExpectedAttention expectedOf(AnyStep& step) {
    ExpectedAttention expected;
    for (int token = 0; token < step.scene.paged.nTokens(); ++token)
        for (int head = 0; head < step.nHeads; ++head) addExpected(step, token, head, expected);
    return expected;
}

std::vector<KvTypes> allPairs() {
    std::vector<KvTypes> pairs;
    for (const KvType key : allKvTypes())
        for (const KvType value : allKvTypes())
            if (isQuantized(key) || isQuantized(value)) pairs.push_back({key, value});
    return pairs;
}

void addRow(const AnyScene& scene, const QString& more = {}) {
    QTest::newRow(qPrintable(nameOf(scene.shape) + more))
        << QString::fromStdString(kvTypesText(scene.shape.types)) << scene.shape.headDim;
}

}  // namespace

class AttentionAnyTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }

    void types_matchFormula_data() {
        QTest::addColumn<QString>("types");
        QTest::addColumn<int>("headDim");
        for (const KvTypes types : allPairs()) addRow({{.types = types, .headDim = 64}, {}});
        for (const KvType type : allKvTypes())
            for (const int headDim : {32, 96, 128, 160, 256, 512})
                if (isQuantized(type)) addRow({{.types = {type, type}, .headDim = headDim}, {}});
    }
    // Both passes; two sequences, one of them with a window's worth behind it.
    void types_matchFormula() {
        QFETCH(QString, types);
        QFETCH(int, headDim);
        const KvSceneShape shape{.types = *kvTypesFromText(types.toStdString()),
                                 .headDim = headDim,
                                 .nHeads = 3,
                                 .nKvHeads = 1};
        AnyStep step({shape, {{37, 2}, {3, 1}}});
        const ExpectedAttention expected = expectedOf(step);
        const QByteArray decodeFault = faultOf(expected, step.runDecode());
        QVERIFY2(decodeFault.isEmpty(), decodeFault.constData());
        QVERIFY(step.areCountersZero);
        const QByteArray prefillFault = faultOf(expected, step.runPrefill());
        QVERIFY2(prefillFault.isEmpty(), prefillFault.constData());
    }

    void shapes_matchFormula_data() {
        QTest::addColumn<int>("index");
        for (int index = 0; index < static_cast<int>(std::size(kShapes)); ++index)
            QTest::addRow("%d: %s", index, qPrintable(nameOf(kShapes[index].shape))) << index;
    }
    void shapes_matchFormula() {
        QFETCH(int, index);
        AnyStep step(kShapes[index]);
        const ExpectedAttention expected = expectedOf(step);
        if (step.scene.paged.nTokens() <= 8) {
            const QByteArray fault = faultOf(expected, step.runDecode());
            QVERIFY2(fault.isEmpty(), fault.constData());
            QVERIFY(step.areCountersZero);
        }
        const QByteArray fault = faultOf(expected, step.runPrefill());
        QVERIFY2(fault.isEmpty(), fault.constData());
    }

    void rows_haveSameBitsInAnyThreadOrder() {
        const AnyScene scene{{.types = {KvType::Q5_0, KvType::F8E4M3}, .nHeads = 16},
                             {{270, 2}, {100, 1}}};
        AnyStep first(scene);
        const auto decoded = first.runDecode(), filled = first.runPrefill();
        for (const std::uint64_t seed : {1u, 2u, 3u}) {
            simt::setThreadOrderSeed(seed);
            QVERIFY(hasSameBits(first.runDecode(), decoded));
            QVERIFY(hasSameBits(first.runPrefill(), filled));
        }
    }

    // Scales that no half times a code holds are read as the largest that fit: no infinity, which
    // would make NaN of what does not see the row.
    void largestScales_stayFinite() {
        for (const KvType type : allKvTypes()) {
            if (!isQuantized(type)) continue;
            AnyStep step({{.types = {type, type}, .headDim = 64}, {{20, 2}}});
            for (const bool isValue : {false, true}) {
                std::vector<float> row(64, 3e38f);
                writeKvRow({type, 64, false}, row.data(), step.scene.rowAt(isValue, 0, 5, 0));
            }
            step.scene.toCard();
            for (const auto& out : {step.runDecode(), step.runPrefill()})
                QVERIFY2(std::ranges::all_of(out, [](float x) { return std::isfinite(x); }),
                         kvTypeTraits(type).name.data());
        }
    }

    void decode_alsoWritesNextInput() {
        AnyStep step(
            {{.types = {KvType::Q8_0, KvType::Q4_0}, .headDim = 64, .nHeads = 6, .nKvHeads = 2},
             {{260, 2}, {20, 1}}});
        const int nCols = 6 * 64;
        const std::int64_t nGroups = cuda::groupsOf(nCols);
        std::vector<std::int8_t> codes(at(nGroups * 8 * 32), 77);
        std::vector<float> scales(at(nGroups * 8 * 2), 77.0f);
        step.next.values = reinterpret_cast<std::byte*>(codes.data());
        step.next.scales = scales.data();
        step.next.kind = cuda::ActivationKind::Int8;
        step.next.nCols = nCols;
        const std::vector<float> out = step.runDecode();
        for (int token = 0; token < 3; ++token)
            for (std::int64_t group = 0; group < nGroups; ++group) {
                float largest = 0;
                for (int column = 0; column < 32 && group * 32 + column < nCols; ++column)
                    largest =
                        std::max(largest, std::fabs(out[at(token * nCols + group * 32 + column)]));
                QVERIFY(std::fabs(scales[at(group * 8 + token) * 2] - largest / 127.0f) <=
                        largest * 0x1p-22f);
            }
    }

private:
    // The borders of groups, splits and nodes, windows, several sequences, many heads.
    static inline const AnyScene kShapes[] = {
        {{{KvType::Q8_0, KvType::Q8_0}, 64, 4, 2}, {{0, 1}}},
        {{{KvType::Q8_0, KvType::Q4_0}, 64, 4, 2}, {{15, 1}, {16, 1}}},
        {{{KvType::Q8_0, KvType::Q8_0}, 128, 5, 1, 16}, {{254, 2}, {257, 1}}},
        {{{KvType::Q4_0, KvType::Q8_0}, 256, 3, 1, 64}, {{258, 2}}},
        {{{KvType::Q5_0, KvType::Q4_0}, 96, 16, 1, 24}, {{270, 2}}},
        {{{KvType::F8E4M3, KvType::F8E5M2}, 128, 4, 2}, {{530, 3}}, 20},
        {{{KvType::Q8_0, KvType::F16}, 64, 4, 2}, {{800, 2}, {10, 1}}, 300},
        {{{KvType::Q8_0, KvType::Q8_0}, 64, 2, 1}, {{2046, 3}}},
        {{{KvType::Q8_0, KvType::Q5_0}, 128, 2, 1}, {{31, 40}}},
        {{{KvType::Q4_0, KvType::Q4_0}, 96, 3, 3}, {{63, 30}}},
        {{{KvType::F16, KvType::Q8_0}, 64, 4, 2}, {{150, 40}, {0, 9}}, 24},
        {{{KvType::F8E5M2, KvType::Q8_0}, 256, 2, 1}, {{30, 20}}},
    };
};

QTEST_APPLESS_MAIN(AttentionAnyTest)
#include "attention_any_test.moc"

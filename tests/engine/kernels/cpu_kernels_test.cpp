// What the fast set promises beyond being right (the selftest covers that): the same bits for every
// number of threads, whatever else is in the batch, and on AVX2 as on AVX-512; no allocation in a
// step.
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <vector>

#include "engine/kernels/cpu/activation_tiles.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/experts.h"
#include "engine/quant/quantize_reference.h"
#include "tests/support/random_floats.h"

using namespace sotto;
using test::randomFloats;

// Counts every operator new of the program, also from the pool's threads. Not under the thread
// sanitizer, which must see the allocations of Qt's own threads to understand them.
static std::atomic<long> g_nAllocations{0};
static std::atomic<bool> g_isMemoryOut{false};
#ifndef __SANITIZE_THREAD__
void* operator new(std::size_t bytes) {
    ++g_nAllocations;
    void* memory = g_isMemoryOut ? nullptr : std::malloc(bytes);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

Q_DECLARE_METATYPE(Isa)

namespace {

constexpr std::int64_t kEmbd = 256, kForward = 512, kHeads = 4, kKvHeads = 2, kHeadDim = 64;
constexpr std::int64_t kVocab = 70;
constexpr ExpertChoice kChoice{.nExperts = 5, .nUsed = 2, .isNormalized = true};
constexpr std::int64_t kExpertInner = 256;

struct FileMatrix {
    DType type;
    std::int64_t nCols, nRows;
    std::vector<std::byte> bytes;
    TensorView view() const { return {bytes.data(), type, nCols, nRows}; }
};

FileMatrix randomMatrix(std::mt19937& random, DType type, std::int64_t nRows, std::int64_t nCols) {
    FileMatrix matrix{.type = type, .nCols = nCols, .nRows = nRows, .bytes = {}};
    matrix.bytes.resize(matrix.view().bytes());
    quantizeRow(type, randomFloats(random, static_cast<std::size_t>(nRows * nCols)), matrix.bytes);
    return matrix;
}

// Types of one layer's matrices.
struct LayerTypes {
    const char* name;
    DType table, q, k, v, o, gate, up, down, gates, ups, downs;
};
constexpr LayerTypes kLayerTypes[] = {
    {.name = "K types",
     .table = DType::Q6_K,
     .q = DType::Q4_K,
     .k = DType::Q5_K,
     .v = DType::Q6_K,
     .o = DType::Q8_0,
     .gate = DType::Q4_0,
     .up = DType::F16,
     .down = DType::BF16,
     .gates = DType::Q4_K,
     .ups = DType::F16,
     .downs = DType::Q6_K},
    {.name = "small blocks",
     .table = DType::Q5_1,
     .q = DType::Q4_1,
     .k = DType::Q5_0,
     .v = DType::Q5_1,
     .o = DType::Q5_0,
     .gate = DType::Q4_1,
     .up = DType::Q5_1,
     .down = DType::Q8_0,
     .gates = DType::Q5_0,
     .ups = DType::Q4_1,
     .downs = DType::Q5_1},
};

// One layer of a small model, every operation once, with a different type for each matrix.
class TinyLayer {
public:
    explicit TinyLayer(const LayerTypes& types) {
        std::mt19937 random(1);
        m_table = randomMatrix(random, types.table, kVocab, kEmbd);
        m_q = randomMatrix(random, types.q, kHeads * kHeadDim, kEmbd);
        m_k = randomMatrix(random, types.k, kKvHeads * kHeadDim, kEmbd);
        m_v = randomMatrix(random, types.v, kKvHeads * kHeadDim, kEmbd);
        m_o = randomMatrix(random, types.o, kEmbd, kHeads * kHeadDim);
        m_gate = randomMatrix(random, types.gate, kForward, kEmbd);
        m_up = randomMatrix(random, types.up, kForward, kEmbd);
        m_down = randomMatrix(random, types.down, kEmbd, kForward);
        m_router = randomMatrix(random, DType::F32, kChoice.nExperts, kEmbd);
        m_gates = randomMatrix(random, types.gates, kChoice.nExperts * kExpertInner, kEmbd);
        m_ups = randomMatrix(random, types.ups, kChoice.nExperts * kExpertInner, kEmbd);
        m_downs = randomMatrix(random, types.downs, kChoice.nExperts * kEmbd, kExpertInner);
        m_norm = randomFloats(random, kEmbd);
        for (int pair = 0; pair < kHeadDim / 2; ++pair)
            m_frequencies.push_back(
                std::pow(10000.0f, -2.0f * static_cast<float>(pair) / kHeadDim));
    }

    void prepare(KernelSet& kernels) {
        const auto add = [&](const FileMatrix& matrix) {
            m_weights.push_back(kernels.prepareWeight(matrix.view()).value());
            return m_weights.back().get();
        };
        m_weights.clear();
        table = add(m_table), q = add(m_q), k = add(m_k), v = add(m_v), o = add(m_o);
        gate = add(m_gate), up = add(m_up), down = add(m_down);
        router = add(m_router), gates = add(m_gates), ups = add(m_ups), downs = add(m_downs);
        KernelLimits limits{.maxTokens = 64,
                            .maxCols = kForward,
                            .maxHeads = kHeads,
                            .maxHeadDim = kHeadDim,
                            .maxContext = 128};
        limits.maxExperts = kChoice.nExperts;
        limits.maxExpertsUsed = kChoice.nUsed;
        limits.maxExpertCols = kEmbd;
        QVERIFY(kernels.reserve(limits).has_value());
    }

    const Weight *table, *q, *k, *v, *o, *gate, *up, *down, *router, *gates, *ups, *downs;
    std::vector<float> m_norm, m_frequencies;

private:
    FileMatrix m_table, m_q, m_k, m_v, m_o, m_gate, m_up, m_down, m_router, m_gates, m_ups, m_downs;
    std::vector<std::unique_ptr<Weight>> m_weights;
};

// Rows of a step: sequence and position of each; the token id follows from both.
struct Row {
    std::int32_t sequence;
    std::int32_t position;
};

class Step {
public:
    Step(const KernelSet& kernels, KvType kvType) {
        m_cache.shape = kvLayerShape(kKvHeads, kHeadDim, kvType);
        m_cache.nBlocks = 12;
        m_memory.resize(kernels.cacheBytes(m_cache.shape, m_cache.nBlocks));
        m_cache.memory = m_memory.data();
        m_blocks = {{4, 1, 7}, {0, 9, 2}, {11, 3, 5}};
        for (const auto& ids : m_blocks) m_tables.push_back({ids});
        for (auto* floats : {&m_x, &m_normed, &m_query, &m_key, &m_value, &m_attended, &m_gated,
                             &m_raised, &m_logits, &m_mixed})
            floats->resize(static_cast<std::size_t>(expertRows(64, kChoice)) * kForward);
    }

    // Runs the layer over the rows; returns the hidden state [nRows, kEmbd].
    std::span<const float> run(KernelSet& kernels, const TinyLayer& layer,
                               std::span<const Row> rows) {
        m_ids.clear(), m_positions.clear(), m_sequence.clear();
        for (const Row& row : rows) {
            m_ids.push_back((row.sequence * 29 + row.position * 7) % kVocab);
            m_positions.push_back(row.position);
            m_sequence.push_back(row.sequence);
        }
        const auto nTokens = static_cast<std::int64_t>(rows.size());
        const BatchView batch{
            .positions = m_positions, .sequenceIndex = m_sequence, .sequences = m_tables};
        kernels.embed({.table = layer.table, .tokenIds = m_ids, .scale = 1.5f, .out = m_x.data()});
        norm(kernels, layer, nTokens);
        const LinearTarget qkv[] = {{.weight = layer.q, .out = m_query.data()},
                                    {.weight = layer.k, .out = m_key.data()},
                                    {.weight = layer.v, .out = m_value.data()}};
        kernels.linear({.x = m_normed.data(), .nTokens = nTokens, .targets = qkv});
        kernels.ropeStore({.q = m_query.data(),
                           .k = m_key.data(),
                           .v = m_value.data(),
                           .normEpsilon = 1e-6f,
                           .kind = RopeKind::Neox,
                           .rotaryDims = kHeadDim,
                           .frequencies = layer.m_frequencies.data(),
                           .magnitude = 1.0f,
                           .nHeads = kHeads,
                           .cache = m_cache,
                           .batch = batch});
        kernels.attention({.q = m_query.data(),
                           .out = m_attended.data(),
                           .scale = 0.125f,
                           .window = 0,
                           .nHeads = kHeads,
                           .cache = m_cache,
                           .batch = batch});
        const LinearTarget out{.weight = layer.o, .out = m_x.data(), .isAccumulating = true};
        kernels.linear({.x = m_attended.data(), .nTokens = nTokens, .targets = {&out, 1}});
        norm(kernels, layer, nTokens);
        const LinearTarget raise[] = {{.weight = layer.gate, .out = m_gated.data()},
                                      {.weight = layer.up, .out = m_raised.data()}};
        kernels.linear({.x = m_normed.data(), .nTokens = nTokens, .targets = raise});
        kernels.glu({.kind = GluKind::Silu,
                     .gate = m_gated.data(),
                     .up = m_raised.data(),
                     .out = m_gated.data(),
                     .nTokens = nTokens,
                     .width = kForward});
        const LinearTarget lower{.weight = layer.down, .out = m_x.data(), .isAccumulating = true};
        kernels.linear({.x = m_gated.data(), .nTokens = nTokens, .targets = {&lower, 1}});
        experts(kernels, layer, nTokens);
        return {m_x.data(), rows.size() * kEmbd};
    }

private:
    void norm(KernelSet& kernels, const TinyLayer& layer, std::int64_t nTokens) {
        kernels.rmsNorm({.x = m_x.data(),
                         .weight = layer.m_norm.data(),
                         .out = m_normed.data(),
                         .nTokens = nTokens,
                         .width = kEmbd,
                         .epsilon = 1e-5f});
    }

    void experts(KernelSet& kernels, const TinyLayer& layer, std::int64_t nTokens) {
        ExpertsArgs args;
        args.norm = {.x = m_x.data(),
                     .weight = layer.m_norm.data(),
                     .out = m_normed.data(),
                     .nTokens = nTokens,
                     .width = kEmbd,
                     .epsilon = 1e-5f};
        args.router = layer.router;
        args.gate = layer.gates;
        args.up = layer.ups;
        args.down = layer.downs;
        args.choice = kChoice;
        args.out = m_x.data();
        args.logits = m_logits.data();
        args.gated = m_gated.data();
        args.upper = m_raised.data();
        args.mixed = m_mixed.data();
        kernels.experts(args);
    }

    KvLayer m_cache;
    std::vector<std::byte> m_memory;
    std::vector<std::vector<std::int32_t>> m_blocks;
    std::vector<BlockTableView> m_tables;
    std::vector<std::int32_t> m_ids = std::vector<std::int32_t>(64), m_positions, m_sequence;
    std::vector<float> m_x, m_normed, m_query, m_key, m_value, m_attended, m_gated, m_raised,
        m_logits, m_mixed;
};

std::vector<Row> promptRows(std::int32_t sequence, std::int32_t first, std::int32_t end) {
    std::vector<Row> rows;
    for (std::int32_t position = first; position < end; ++position)
        rows.push_back({sequence, position});
    return rows;
}

bool sameBits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

void addIsaRows() {
    QTest::addColumn<Isa>("isa");
    QTest::addColumn<int>("layerTypes");
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
        for (int index = 0; index < static_cast<int>(std::size(kLayerTypes)); ++index)
            QTest::addRow("%s, %s", isaName(isa).data(), kLayerTypes[index].name) << isa << index;
}

#define SKIP_IF_UNSUPPORTED(isa) \
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set")

}  // namespace

class CpuKernelsTest : public QObject {
    Q_OBJECT
private slots:
    void step_anyThreadCount_givesTheSameBits_data() { addIsaRows(); }
    void step_anyThreadCount_givesTheSameBits();
    void step_anyBatch_givesEachRowTheSameBits_data() { addIsaRows(); }
    void step_anyBatch_givesEachRowTheSameBits();
    void linear_anyCountOfRows_givesEachTheSameBits_data();
    void linear_anyCountOfRows_givesEachTheSameBits();
    void step_onAvx2AndAvx512_givesTheSameBits();
    void notANumber_isNeverSwallowed_data() { addIsaRows(); }
    void notANumber_isNeverSwallowed();
    void step_allocatesNothing();
    void linear_thatFails_leavesNothingToTheNext();
    void prepareWeight_saysWhereTheBytesAre();
    void create_unknownIsa_fallsBackVisibly();
    void tiles_coverEveryTokenOnce();
    void reserve_beyondAllMemory_isAnError();
};

void CpuKernelsTest::step_anyThreadCount_givesTheSameBits() {
    QFETCH(Isa, isa);
    QFETCH(int, layerTypes);
    SKIP_IF_UNSUPPORTED(isa);
    std::vector<float> expected;
    for (const int nThreads : {1, 2, 3}) {
        const auto kernels = createCpuKernels({nThreads, isa});
        TinyLayer layer(kLayerTypes[layerTypes]);
        layer.prepare(*kernels);
        Step step(*kernels, KvType::F16);
        const auto result = step.run(*kernels, layer, promptRows(0, 0, 61));
        if (expected.empty()) expected.assign(result.begin(), result.end());
        QVERIFY2(sameBits(expected, result), kernels->name().c_str());
    }
}

// The same 40 tokens, fed in chunks of every size and beside rows of other sequences.
void CpuKernelsTest::step_anyBatch_givesEachRowTheSameBits() {
    QFETCH(Isa, isa);
    QFETCH(int, layerTypes);
    SKIP_IF_UNSUPPORTED(isa);
    const auto kernels = createCpuKernels({2, isa});
    TinyLayer layer(kLayerTypes[layerTypes]);
    layer.prepare(*kernels);
    constexpr std::int32_t kTokens = 40;
    for (const KvType kvType : {KvType::F16, KvType::F32}) {
        Step whole(*kernels, kvType);
        const auto prompt = whole.run(*kernels, layer, promptRows(0, 0, kTokens));
        const std::vector<float> expected(prompt.begin(), prompt.end());
        for (const std::int32_t chunk : {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 39}) {
            Step chunked(*kernels, kvType);
            for (std::int32_t first = 0; first < kTokens; first += chunk) {
                const std::int32_t end = std::min(kTokens, first + chunk);
                std::vector<Row> rows = promptRows(1, first, first + 1);  // a stranger in front
                const std::vector<Row> own = promptRows(0, first, end);
                rows.insert(rows.end(), own.begin(), own.end());
                rows.push_back({2, first});  // and one behind
                const auto result = chunked.run(*kernels, layer, rows);
                const auto offset = static_cast<std::size_t>(first * kEmbd);
                const std::size_t count = own.size() * kEmbd;
                QVERIFY2(sameBits(std::span(expected).subspan(offset, count),
                                  result.subspan(kEmbd, count)),
                         qPrintable(QString("chunks of %1, token %2").arg(chunk).arg(first)));
            }
        }
    }
}

void CpuKernelsTest::linear_anyCountOfRows_givesEachTheSameBits_data() {
    QTest::addColumn<Isa>("isa");
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
        QTest::addRow("%s", isaName(isa).data()) << isa;
}

// Tiles of every size, several, and at this width more than one panel of them; a last group that
// is not whole.
void CpuKernelsTest::linear_anyCountOfRows_givesEachTheSameBits() {
    QFETCH(Isa, isa);
    SKIP_IF_UNSUPPORTED(isa);
    constexpr std::int64_t kCols = 8192, kRows = 40, kMost = 60;
    const auto kernels = createCpuKernels({2, isa});
    QVERIFY(kernels->reserve({.maxTokens = kMost, .maxCols = kCols}).has_value());
    std::mt19937 random(7);
    const std::vector<float> x = randomFloats(random, kMost * kCols);
    const auto linear = [&](const Weight& weight, std::int64_t firstToken, std::int64_t nTokens) {
        std::vector<float> out(static_cast<std::size_t>(nTokens * kRows));
        const LinearTarget target{.weight = &weight, .out = out.data()};
        kernels->linear(
            {.x = x.data() + firstToken * kCols, .nTokens = nTokens, .targets = {&target, 1}});
        return out;
    };
    for (const DType type : kernelDTypes()) {
        const FileMatrix matrix = randomMatrix(random, type, kRows, kCols);
        const auto weight = kernels->prepareWeight(matrix.view()).value();
        std::vector<float> expected;
        for (std::int64_t token = 0; token < kMost; ++token) {
            const auto alone = linear(*weight, token, 1);
            expected.insert(expected.end(), alone.begin(), alone.end());
        }
        std::vector<std::int64_t> counts(26);
        std::iota(counts.begin(), counts.end(), 1);
        counts.push_back(kMost);
        for (const std::int64_t nTokens : counts)
            QVERIFY2(
                sameBits(std::span(expected).first(static_cast<std::size_t>(nTokens * kRows)),
                         linear(*weight, 0, nTokens)),
                qPrintable(QString("%1, %2 rows").arg(dtypeTraits(type).name.data()).arg(nTokens)));
    }
}

void CpuKernelsTest::step_onAvx2AndAvx512_givesTheSameBits() {
    SKIP_IF_UNSUPPORTED(Isa::Avx512Vnni);
    for (const LayerTypes& types : kLayerTypes) {
        std::vector<float> expected;
        for (const Isa isa : {Isa::Avx2, Isa::Avx512Vnni}) {
            const auto kernels = createCpuKernels({1, isa});
            TinyLayer layer(types);
            layer.prepare(*kernels);
            Step step(*kernels, KvType::F16);
            const auto result = step.run(*kernels, layer, promptRows(0, 0, 33));
            if (expected.empty()) expected.assign(result.begin(), result.end());
            QVERIFY2(sameBits(expected, result), types.name);
        }
    }
}

// A damaged weight must come out as what it is, not as a number that looks like an answer.
void CpuKernelsTest::notANumber_isNeverSwallowed() {
    QFETCH(Isa, isa);
    QFETCH(int, layerTypes);
    SKIP_IF_UNSUPPORTED(isa);
    const auto kernels = createCpuKernels({2, isa});
    TinyLayer layer(kLayerTypes[layerTypes]);
    layer.prepare(*kernels);
    std::mt19937 random(3);
    const auto isUnusable = [](float value) { return !std::isfinite(value); };
    for (const float strange : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
        for (const std::int64_t nTokens : {1, 3, 8, 13}) {
            std::vector<float> x = randomFloats(random, static_cast<std::size_t>(nTokens) * kEmbd);
            x[static_cast<std::size_t>((nTokens - 1) * kEmbd) + 77] = strange;
            for (const Weight* weight : {layer.q, layer.k, layer.v, layer.gate, layer.up}) {
                std::vector<float> out(static_cast<std::size_t>(nTokens) * kForward);
                const LinearTarget target{.weight = weight, .out = out.data()};
                kernels->linear({.x = x.data(), .nTokens = nTokens, .targets = {&target, 1}});
                const auto nRows = weight->nRows;
                const auto last = out.begin() + (nTokens - 1) * nRows;
                QVERIFY(std::none_of(out.begin(), last, isUnusable));
                QVERIFY2(std::all_of(last, last + nRows, isUnusable),
                         dtypeTraits(weight->type).name.data());
            }
            std::vector<float> gated = x;
            kernels->glu({.kind = GluKind::Silu,
                          .gate = gated.data(),
                          .up = x.data(),
                          .out = gated.data(),
                          .nTokens = nTokens,
                          .width = kEmbd});
            QCOMPARE(std::count_if(gated.begin(), gated.end(), isUnusable), 1);
        }
    }

    std::vector<float> q = randomFloats(random, 2 * kHeads * kHeadDim), out(q.size());
    q[kHeads * kHeadDim + kHeadDim + 5] = std::nanf("");  // of row 1, head 1
    KvLayer cache{kvLayerShape(kKvHeads, kHeadDim, KvType::F32), 2};
    std::vector<float> memory(kernels->cacheBytes(cache.shape, 2) / sizeof(float), 0.5f);
    cache.memory = reinterpret_cast<std::byte*>(memory.data());
    const std::vector<std::int32_t> blocks{1}, positions{3, 4}, sequence{0, 0};
    const BlockTableView table{blocks};
    kernels->attention(
        {q.data(), out.data(), 0.125f, 0, kHeads, cache,
         BatchView{.positions = positions, .sequenceIndex = sequence, .sequences = {&table, 1}}});
    for (std::size_t index = 0; index < out.size(); ++index)
        QCOMPARE(isUnusable(out[index]), index / kHeadDim == kHeads + 1);
}

void CpuKernelsTest::step_allocatesNothing() {
#ifdef __SANITIZE_THREAD__
    QSKIP("allocations are not counted under the thread sanitizer");
#endif
    const auto kernels = createCpuKernels({3});
    const long atStart = g_nAllocations.load();
    TinyLayer layer(kLayerTypes[0]);
    layer.prepare(*kernels);
    Step step(*kernels, KvType::F16);
    const std::vector<Row> prompt = promptRows(0, 0, 50);
    const std::vector<Row> next = promptRows(0, 50, 51);
    step.run(*kernels, layer, prompt);         // the test's own vectors reach their size
    QVERIFY(g_nAllocations.load() > atStart);  // the counter counts
    const long before = g_nAllocations.load();
    step.run(*kernels, layer, prompt);
    step.run(*kernels, layer, next);
    QCOMPARE(g_nAllocations.load() - before, 0L);
}

// More targets than room was reserved for, and no memory for more room.
void CpuKernelsTest::linear_thatFails_leavesNothingToTheNext() {
#ifdef __SANITIZE_THREAD__
    QSKIP("allocations cannot be refused under the thread sanitizer");
#endif
    const auto kernels = createCpuKernels({2});
    TinyLayer layer(kLayerTypes[0]);
    layer.prepare(*kernels);
    const std::vector<float> x(kEmbd, 1.0f);
    std::vector<float> first(kForward), next(kForward);
    const std::vector<LinearTarget> many(100, {.weight = layer.gate, .out = first.data()});
    bool isRefused = false;
    g_isMemoryOut = true;
    try {
        kernels->linear({.x = x.data(), .nTokens = 1, .targets = many});
    } catch (const std::bad_alloc&) {
        isRefused = true;
    }
    g_isMemoryOut = false;
    QVERIFY(isRefused);
    std::ranges::fill(first, 77.0f);
    const LinearTarget target{.weight = layer.gate, .out = next.data()};
    kernels->linear({.x = x.data(), .nTokens = 1, .targets = {&target, 1}});
    QVERIFY(std::ranges::all_of(first, [](float value) { return value == 77.0f; }));
    QVERIFY(std::ranges::any_of(next, [](float value) { return value != 0.0f; }));
}

void CpuKernelsTest::prepareWeight_saysWhereTheBytesAre() {
    const auto kernels = createCpuKernels({1});
    std::mt19937 random(3);
    for (const DType type : kernelDTypes()) {
        const FileMatrix matrix = randomMatrix(random, type, 32, 512);
        const auto weight = kernels->prepareWeight(matrix.view()).value();
        QCOMPARE(weight->nRows, std::int64_t{32});
        QCOMPARE(weight->nCols, std::int64_t{512});
        QVERIFY(weight->type == type);
        QCOMPARE(weight->residentBytes, std::uint64_t{matrix.bytes.size()});
        QCOMPARE(kernels->preparedBytes(matrix.view()),
                 weight->isMapped ? 0 : weight->residentBytes);
    }
}

void CpuKernelsTest::create_unknownIsa_fallsBackVisibly() {
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni}) {
        const std::string expected =
            "cpu " + std::string(isaName(isIsaSupported(isa) ? isa : bestIsa())) + ", 1 thread";
        QCOMPARE(createCpuKernels({1, isa})->name(), expected);
    }
    QVERIFY(createCpuKernels({2})->name().find(isaName(bestIsa())) != std::string::npos);
}

void CpuKernelsTest::tiles_coverEveryTokenOnce() {
    for (const cpu::KernelTable* table :
         {cpu::scalarKernelTable(), cpu::avx2KernelTable(), cpu::avx512VnniKernelTable()}) {
        if (table == nullptr) continue;
        for (std::int64_t nTokens = 1; nTokens <= 70; ++nTokens) {
            const cpu::TokenTiles tiles(*table, nTokens);
            QCOMPARE(tiles.nTiles, (nTokens + table->tileTokens - 1) / table->tileTokens);
            std::int64_t next = 0;
            for (std::int64_t index = 0; index < tiles.nTiles; ++index) {
                const cpu::TokenTile tile = tiles.tile(index);
                QCOMPARE(tile.firstToken, next);
                for (const auto& functions : table->packedTile)
                    QVERIFY(functions[tile.nTokens] != nullptr);
                next += tile.nTokens;
                for (std::int64_t token = tile.firstToken; token < next; ++token) {
                    QCOMPARE(tiles.ofToken(token).firstToken, tile.firstToken);
                    QCOMPARE(tiles.ofToken(token).nTokens, tile.nTokens);
                }
            }
            QCOMPARE(next, nTokens);
        }
    }
}

void CpuKernelsTest::reserve_beyondAllMemory_isAnError() {
    const auto kernels = createCpuKernels({1});
    const auto status = kernels->reserve({std::int64_t{1} << 40, 1 << 20, 32, 4096});
    QVERIFY(!status.has_value());
    QCOMPARE(status.error().code, ErrorCode::OutOfMemory);
    QVERIFY(status.error().needed > 0);
}

QTEST_APPLESS_MAIN(CpuKernelsTest)
#include "cpu_kernels_test.moc"

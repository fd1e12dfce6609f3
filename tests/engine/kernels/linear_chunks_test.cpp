// The CPU set hands a matrix to its threads in chunks of several row groups. Wherever these begin
// and end, each row has the bits that its group gives as a matrix of its own, times one token.
#include <QtTest>
#include <algorithm>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "base/rounding.h"
#include "engine/kernels/cpu/activation_tiles.h"
#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/experts.h"
#include "engine/quant/quantize_reference.h"
#include "tests/support/random_floats.h"

using namespace sotto;
using test::randomFloats;

Q_DECLARE_METATYPE(Isa)

namespace {

constexpr int kThreadCounts[] = {1, 2, 3, 4};

struct FileMatrix {
    DType type;
    std::int64_t nRows, nCols;
    std::vector<std::byte> bytes;

    FileMatrix(std::mt19937& random, DType matrixType, std::int64_t rows, std::int64_t cols)
        : type(matrixType), nRows(rows), nCols(cols), bytes(view().bytes()) {
        quantizeRow(type, randomFloats(random, static_cast<std::size_t>(nRows * nCols)), bytes);
    }
    TensorView view() const {
        return {.data = bytes.data(), .type = type, .nCols = nCols, .nRows = nRows};
    }
    TensorView part(std::int64_t firstRow, std::int64_t nPartRows) const {
        const std::size_t bytesOfRow = rowBytes(type, static_cast<std::size_t>(nCols));
        return {.data = bytes.data() + static_cast<std::size_t>(firstRow) * bytesOfRow,
                .type = type,
                .nCols = nCols,
                .nRows = nPartRows};
    }
};

bool sameBits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

void linear(KernelSet& kernels, const Weight& weight, std::span<const float> x,
            std::int64_t nTokens, std::span<float> out) {
    const LinearTarget target{.weight = &weight, .out = out.data()};
    kernels.linear({.x = x.data(), .nTokens = nTokens, .targets = {&target, 1}});
}

struct ChunkCase {
    DType type;
    std::int64_t nRows, nCols, nTokens;
    bool hasSeveralPanels;
};

// The last group is never whole. Chunks are of 4, 4, 4 and 1 groups where panels are several; else
// of 2, of 8 and 5, and of 16 with one thread or 8 with more.
constexpr ChunkCase kCases[] = {
    {.type = DType::Q8_0, .nRows = 200, .nCols = 8192, .nTokens = 60, .hasSeveralPanels = true},
    {.type = DType::Q4_K, .nRows = 200, .nCols = 8192, .nTokens = 60, .hasSeveralPanels = true},
    {.type = DType::BF16, .nRows = 200, .nCols = 8192, .nTokens = 60, .hasSeveralPanels = true},
    {.type = DType::Q6_K, .nRows = 200, .nCols = 4096, .nTokens = 13, .hasSeveralPanels = false},
    {.type = DType::Q4_K, .nRows = 200, .nCols = 1024, .nTokens = 1, .hasSeveralPanels = false},
    {.type = DType::Q5_0, .nRows = 200, .nCols = 1024, .nTokens = 30, .hasSeveralPanels = false},
    {.type = DType::Q8_0, .nRows = 2040, .nCols = 1024, .nTokens = 13, .hasSeveralPanels = false},
};

// One linear step that adds a bias to what is there already.
struct BiasedStep {
    FileMatrix matrix;
    std::vector<float> x, bias, before;

    BiasedStep(std::mt19937& random, const ChunkCase& wanted)
        : matrix(random, wanted.type, wanted.nRows, wanted.nCols),
          x(randomFloats(random, static_cast<std::size_t>(wanted.nTokens * wanted.nCols))),
          bias(randomFloats(random, static_cast<std::size_t>(wanted.nRows))),
          before(randomFloats(random, static_cast<std::size_t>(wanted.nTokens * wanted.nRows))) {}

    std::vector<float> whole(KernelSet& kernels, std::int64_t nTokens) const {
        const auto weight = kernels.prepareWeight(matrix.view()).value();
        std::vector<float> out = before;
        const LinearTarget target{
            .weight = weight.get(), .bias = bias.data(), .out = out.data(), .isAccumulating = true};
        kernels.linear({.x = x.data(), .nTokens = nTokens, .targets = {&target, 1}});
        return out;
    }

    std::vector<float> byGroups(KernelSet& kernels, std::int64_t nTokens) const {
        std::vector<float> out = before;
        for (std::int64_t row = 0; row < matrix.nRows; row += cpu::kGroupRows) {
            const std::int64_t nRows = std::min(cpu::kGroupRows, matrix.nRows - row);
            const auto weight = kernels.prepareWeight(matrix.part(row, nRows)).value();
            for (std::int64_t token = 0; token < nTokens; ++token) {
                const LinearTarget target{.weight = weight.get(),
                                          .bias = bias.data() + row,
                                          .out = out.data() + token * matrix.nRows + row,
                                          .isAccumulating = true};
                kernels.linear(
                    {.x = x.data() + token * matrix.nCols, .nTokens = 1, .targets = {&target, 1}});
            }
        }
        return out;
    }
};

constexpr std::int32_t kExperts = 3;
constexpr std::int64_t kInner = 160, kEmbd = 1024, kExpertTokens = 10;

// A mixture of which token t takes expert t % kExperts alone, with the weight 1.
struct Mixture {
    std::vector<float> hidden, normWeight = std::vector<float>(kEmbd, 1.0f);
    std::vector<std::byte> router;
    FileMatrix gate, up, down;

    explicit Mixture(std::mt19937& random)
        : hidden(randomFloats(random, kExpertTokens * kEmbd)),
          router(sizeof(float) * kExperts * kEmbd),
          gate(random, DType::Q4_K, kExperts * kInner, kEmbd),
          up(random, DType::BF16, kExperts * kInner, kEmbd),
          down(random, DType::Q8_0, kExperts * kEmbd, kInner) {
        const float one = 1.0f;
        for (std::size_t expert = 0; expert < kExperts; ++expert)
            std::memcpy(&router[(expert * kEmbd + expert) * sizeof(float)], &one, sizeof one);
        for (std::size_t token = 0; token < kExpertTokens; ++token)
            hidden[token * kEmbd + token % kExperts] = 20.0f;
    }

    TensorView routerView() const {
        return {.data = router.data(), .type = DType::F32, .nCols = kEmbd, .nRows = kExperts};
    }

    RmsNormArgs norm(const std::vector<float>& x, std::vector<float>& out) const {
        return {.x = x.data(),
                .weight = normWeight.data(),
                .out = out.data(),
                .nTokens = kExpertTokens,
                .width = kEmbd,
                .epsilon = 1e-5f};
    }

    std::vector<float> byExperts(KernelSet& kernels) const {
        const auto routing = kernels.prepareWeight(routerView()).value();
        const auto gates = kernels.prepareWeight(gate.view()).value();
        const auto ups = kernels.prepareWeight(up.view()).value();
        const auto downs = kernels.prepareWeight(down.view()).value();
        ExpertsArgs args;
        args.choice = {.nExperts = kExperts, .nUsed = 1, .isNormalized = true};
        const auto nRows = static_cast<std::size_t>(expertRows(kExpertTokens, args.choice));
        std::vector<float> out = hidden, normed(hidden.size()), logits(kExpertTokens * kExperts);
        std::vector<float> gated(nRows * kInner), upper(nRows * kInner), mixed(nRows * kEmbd);
        args.norm = norm(out, normed);
        args.router = routing.get();
        args.gate = gates.get(), args.up = ups.get(), args.down = downs.get();
        args.out = out.data(), args.logits = logits.data();
        args.gated = gated.data(), args.upper = upper.data(), args.mixed = mixed.data();
        kernels.experts(args);
        return out;
    }

    // Each token alone, times its expert's rows group by group.
    std::vector<float> byGroups(KernelSet& kernels) const {
        std::vector<float> out = hidden, normed(hidden.size());
        kernels.rmsNorm(norm(hidden, normed));
        for (std::int64_t token = 0; token < kExpertTokens; ++token) {
            const std::int64_t expert = token % kExperts;
            std::vector<float> gated(kInner), upper(kInner), mixed(kEmbd);
            const std::span x =
                std::span(normed).subspan(static_cast<std::size_t>(token) * kEmbd, kEmbd);
            groups(kernels, gate, expert * kInner, x, gated);
            groups(kernels, up, expert * kInner, x, upper);
            kernels.glu({.kind = GluKind::Silu,
                         .gate = gated.data(),
                         .up = upper.data(),
                         .out = gated.data(),
                         .nTokens = 1,
                         .width = kInner});
            groups(kernels, down, expert * kEmbd, gated, mixed);
            for (std::size_t dim = 0; dim < kEmbd; ++dim)
                out[static_cast<std::size_t>(token) * kEmbd + dim] += mixed[dim];
        }
        return out;
    }

    static void groups(KernelSet& kernels, const FileMatrix& matrix, std::int64_t firstRow,
                       std::span<const float> x, std::vector<float>& out) {
        for (std::size_t row = 0; row < out.size(); row += cpu::kGroupRows) {
            const auto part =
                matrix.part(firstRow + static_cast<std::int64_t>(row), cpu::kGroupRows);
            linear(kernels, *kernels.prepareWeight(part).value(), x, 1,
                   std::span(out).subspan(row, cpu::kGroupRows));
        }
    }
};

void addIsaRows() {
    QTest::addColumn<Isa>("isa");
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni})
        QTest::addRow("%s", isaName(isa).data()) << isa;
}

#define SKIP_IF_UNSUPPORTED(isa) \
    if (!isIsaSupported(isa)) QSKIP("this processor does not have that instruction set")

}  // namespace

class LinearChunksTest : public QObject {
    Q_OBJECT
private slots:
    void linear_ofSeveralChunks_givesTheBitsOfItsGroups_data() { addIsaRows(); }
    void linear_ofSeveralChunks_givesTheBitsOfItsGroups();
    void experts_ofSeveralChunks_giveTheBitsOfTheirGroups_data() { addIsaRows(); }
    void experts_ofSeveralChunks_giveTheBitsOfTheirGroups();
};

void LinearChunksTest::linear_ofSeveralChunks_givesTheBitsOfItsGroups() {
    QFETCH(Isa, isa);
    SKIP_IF_UNSUPPORTED(isa);
    const cpu::KernelTable& table = *cpu::kernelTable(isa);
    std::mt19937 random(11);
    for (const ChunkCase& wanted : kCases) {
        const BiasedStep step(random, wanted);
        const KernelLimits limits{.maxTokens = wanted.nTokens, .maxCols = wanted.nCols};
        std::vector<float> expected;
        for (const int nThreads : kThreadCounts) {
            const std::int64_t nGroups = ceilDiv(wanted.nRows, cpu::kGroupRows);
            const std::int64_t nPanels = ceilDiv(cpu::TokenTiles(table, wanted.nTokens).nTiles,
                                                 cpu::tilesPerPanel(table, wanted.nCols));
            QCOMPARE(nPanels > 1, wanted.hasSeveralPanels);
            const std::int64_t nChunkGroups =
                cpu::groupsPerChunk(nGroups, wanted.nCols, nPanels, nThreads);
            QVERIFY(nChunkGroups > 1 && nChunkGroups < nGroups);

            const auto kernels = createCpuKernels({.nThreads = nThreads, .isa = isa});
            QVERIFY(kernels->reserve(limits).has_value());
            if (expected.empty()) expected = step.byGroups(*kernels, wanted.nTokens);
            QVERIFY2(sameBits(expected, step.whole(*kernels, wanted.nTokens)),
                     qPrintable(QString("%1, %2 rows, %3 columns, %4")
                                    .arg(dtypeTraits(wanted.type).name.data())
                                    .arg(wanted.nRows)
                                    .arg(wanted.nCols)
                                    .arg(kernels->name().c_str())));
        }
    }
}

// An expert's first row and a chunk's first group add up.
void LinearChunksTest::experts_ofSeveralChunks_giveTheBitsOfTheirGroups() {
    QFETCH(Isa, isa);
    SKIP_IF_UNSUPPORTED(isa);
    std::mt19937 random(12);
    const Mixture mixture(random);
    KernelLimits limits{.maxTokens = kExpertTokens, .maxCols = kEmbd};
    limits.maxExperts = kExperts;
    limits.maxExpertsUsed = 1;
    limits.maxExpertCols = kEmbd;
    std::vector<float> expected;
    for (const int nThreads : kThreadCounts) {
        for (const FileMatrix* matrix : {&mixture.gate, &mixture.down}) {
            const std::int64_t nGroups = matrix->nRows / kExperts / cpu::kGroupRows;
            const std::int64_t nChunkGroups =
                cpu::groupsPerChunk(nGroups, matrix->nCols, 1, nThreads);
            QVERIFY(nChunkGroups > 1 && nChunkGroups < nGroups);
        }
        const auto kernels = createCpuKernels({.nThreads = nThreads, .isa = isa});
        QVERIFY(kernels->reserve(limits).has_value());
        if (expected.empty()) expected = mixture.byGroups(*kernels);
        QVERIFY2(sameBits(expected, mixture.byExperts(*kernels)), kernels->name().c_str());
    }
}

QTEST_APPLESS_MAIN(LinearChunksTest)
#include "linear_chunks_test.moc"

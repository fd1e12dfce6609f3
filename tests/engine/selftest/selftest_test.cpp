// Every selftest case on every instruction set that this machine has, and on the reference itself.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/experts.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/selftest/selftest.h"

using namespace sotto;

namespace {

std::unique_ptr<KernelSet> createSet(const QString& name) {
    if (name == "reference") return createReferenceKernels();
    for (const Isa isa : {Isa::Scalar, Isa::Avx2, Isa::Avx512Vnni}) {
        if (name != QString::fromStdString(std::string(isaName(isa)))) continue;
        return isIsaSupported(isa) ? createCpuKernels({2, isa}) : nullptr;
    }
    return nullptr;
}

}  // namespace

class SelftestTest : public QObject {
    Q_OBJECT
private slots:
    void everyCase_agreesWithTheReference_data();
    void everyCase_agreesWithTheReference();
    void everyCase_failsForAWrongKernelSet();
};

void SelftestTest::everyCase_agreesWithTheReference_data() {
    QTest::addColumn<QString>("set");
    for (const char* name : {"reference", "scalar", "avx2", "avx512-vnni"})
        QTest::newRow(name) << QString(name);
}

void SelftestTest::everyCase_agreesWithTheReference() {
    QFETCH(QString, set);
    const auto kernels = createSet(set);
    if (kernels == nullptr) QSKIP("this processor does not have that instruction set");
    if (set != "reference")
        QVERIFY2(kernels->name().find("cpu " + set.toStdString() + ",") == 0,
                 kernels->name().c_str());
    for (const SelftestCase& test : selftestCases(*kernels)) {
        const SelftestResult result = test.run();
        QVERIFY2(result.ok, qPrintable(QString("%1: error %2, bound %3; %4")
                                           .arg(QString::fromStdString(test.name))
                                           .arg(result.maxError)
                                           .arg(result.bound)
                                           .arg(QString::fromStdString(result.detail))));
    }
}

namespace {

// The reference with one small fault per operation: what a selftest is there to find.
class FaultyKernels final : public KernelSet {
public:
    std::string name() const override { return "faulty"; }
    Result<Buffer> allocate(std::size_t bytes) override { return m_good->allocate(bytes); }
    Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source) override {
        return m_good->prepareWeight(source);
    }
    std::uint64_t preparedBytes(const TensorView& source) const override {
        return m_good->preparedBytes(source);
    }
    Status reserve(const KernelLimits& limits) override { return m_good->reserve(limits); }
    std::uint64_t scratchBytes(const KernelLimits& limits) const override {
        return m_good->scratchBytes(limits);
    }
    std::uint64_t cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const override {
        return m_good->cacheBytes(shape, nBlocks);
    }
    Status copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) override {
        return m_good->copyBlock(layer, from, to);
    }
    Status readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) override {
        KvBlocks wrong = blocks;
        ++wrong.nTokens;
        return m_good->readBlocks(layer, wrong, out);
    }
    Status writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                       const std::byte* from) override {
        return m_good->writeBlocks(layer, blocks, from);
    }
    void embed(const EmbedArgs& args) override {
        EmbedArgs wrong = args;
        wrong.scale *= 1.00001f;
        m_good->embed(wrong);
    }
    void rmsNorm(const RmsNormArgs& args) override {
        RmsNormArgs wrong = args;
        wrong.epsilon = 1e-3f;
        m_good->rmsNorm(wrong);
    }
    void linear(const LinearArgs& args) override {
        m_good->linear(args);
        const LinearTarget& last = args.targets.back();
        const std::int64_t nElements = args.nTokens * last.weight->nRows;
        float largest = 0.0f;
        for (std::int64_t element = 0; element < nElements; ++element)
            largest = std::max(largest, std::fabs(last.out[element]));
        last.out[nElements - 1] += 0.02f * largest;
    }
    void glu(const GluArgs& args) override {
        GluArgs wrong = args;
        wrong.kind = args.kind == GluKind::Silu ? GluKind::GeluTanh : GluKind::Silu;
        m_good->glu(wrong);
    }
    void ropeStore(const RopeStoreArgs& args) override {
        RopeStoreArgs wrong = args;
        wrong.v = args.v + 1;
        wrong.batch.positions = args.batch.positions.first(args.batch.positions.size() - 1);
        m_good->ropeStore(wrong);
    }
    void attention(const AttentionArgs& args) override {
        AttentionArgs wrong = args;
        wrong.scale *= 1.05f;
        m_good->attention(wrong);
    }
    void experts(const ExpertsArgs& args) override {
        ExpertsArgs wrong = args;
        wrong.choice.isNormalized = !args.choice.isNormalized;
        m_good->experts(wrong);
    }
    Status finish() override { return {}; }

private:
    std::unique_ptr<KernelSet> m_good = createReferenceKernels();
};

}  // namespace

// rmsNorm with another epsilon shows only where the row is small, attention over one key does not
// depend on its scale, and both gates agree far from zero: those operations must fail in some
// cases, the others in each.
void SelftestTest::everyCase_failsForAWrongKernelSet() {
    FaultyKernels faulty;
    int nFailedNorms = 0, nFailedAttentions = 0, nFailedGates = 0;
    for (const SelftestCase& test : selftestCases(faulty)) {
        const bool ok = test.run().ok;
        const bool isNorm = test.name.starts_with("rmsNorm");
        const bool isAttention = test.name.starts_with("attention");
        const bool isGate = test.name.starts_with("glu");
        nFailedNorms += isNorm && !ok;
        nFailedGates += isGate && !ok;
        nFailedAttentions += isAttention && !ok;
        const bool isNoisy = test.name.ends_with("gaussian");  // int8 noise may hide the fault
        if (!isNorm && !isAttention && !isGate && !isNoisy) QVERIFY2(!ok, test.name.c_str());
    }
    QVERIFY(nFailedNorms >= 10);
    QVERIFY(nFailedAttentions >= 10);
    QVERIFY(nFailedGates >= 6);
}

QTEST_APPLESS_MAIN(SelftestTest)
#include "selftest_test.moc"

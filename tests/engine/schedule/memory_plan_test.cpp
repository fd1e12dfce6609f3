// Which context fits: chosen by the engine, asked for by the user, or refused with what would fit.
#include <QtTest>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/schedule/memory_plan.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

class MemoryPlanTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void context_isTheModelsOwnWhereItFits();
    void context_isTheLargestThatFits();
    void context_askedForIsRefusedWithNumbersAndARemedy();
    void model_thatNeverFitsNamesASmallerOne();
    void context_beyondTheModelsIsItsOwn();
    void context_negativeIsRefused();
    void kv_ofHalfPrecisionTakesHalf();

private:
    std::uint64_t bytesAt(std::int64_t contextTokens) const {
        return planMemory(*m_file, *m_kernels, m_options, 8, contextTokens).totalBytes();
    }

    std::vector<std::byte> m_bytes;
    std::unique_ptr<ModelFile> m_file;
    std::unique_ptr<KernelSet> m_kernels;
    LoadOptions m_options;
};

void MemoryPlanTest::initTestCase() {
    test::TinyModel tiny;
    tiny.nContext = 8192;
    auto bytes = test::tinyModelBytes(tiny);
    QVERIFY(bytes);
    m_bytes = std::move(*bytes);
    auto file = parseModelFile(m_bytes, "tiny");
    QVERIFY(file);
    m_file = std::move(*file);
    m_kernels = createReferenceKernels();
}

void MemoryPlanTest::context_isTheModelsOwnWhereItFits() {
    const auto plan = chooseMemoryPlan(*m_file, *m_kernels, m_options, 8, UINT64_MAX);
    QVERIFY(plan);
    QCOMPARE(plan->contextTokens, 8192);
    QCOMPARE(plan->totalBytes(), bytesAt(8192));
}

void MemoryPlanTest::context_isTheLargestThatFits() {
    const std::uint64_t available = bytesAt(3000);
    const auto plan = chooseMemoryPlan(*m_file, *m_kernels, m_options, 8, available);
    QVERIFY(plan);
    QVERIFY(plan->totalBytes() <= available);
    QVERIFY(plan->contextTokens % kBlockTokens == 0);
    QVERIFY(bytesAt(plan->contextTokens + 2 * kBlockTokens) > available);
}

void MemoryPlanTest::context_askedForIsRefusedWithNumbersAndARemedy() {
    LoadOptions options = m_options;
    options.contextTokens = 8000;
    const std::uint64_t available = bytesAt(3000);
    const auto plan = chooseMemoryPlan(*m_file, *m_kernels, options, 8, available);
    QVERIFY(!plan);
    QCOMPARE(plan.error().code, ErrorCode::OutOfMemory);
    QCOMPARE(plan.error().needed, bytesAt(8000));
    QCOMPARE(plan.error().available, available);
    // The remedy it names works.
    const std::string& message = plan.error().message;
    const std::size_t place = message.find("a context of ", message.find(';'));
    QVERIFY2(place != std::string::npos, message.c_str());
    const std::int64_t offered = std::stoll(message.substr(place + 13));
    options.contextTokens = offered;
    QVERIFY(chooseMemoryPlan(*m_file, *m_kernels, options, 8, available));
}

void MemoryPlanTest::model_thatNeverFitsNamesASmallerOne() {
    const auto plan = chooseMemoryPlan(*m_file, *m_kernels, m_options, 8, 1000);
    QVERIFY(!plan);
    QCOMPARE(plan.error().code, ErrorCode::OutOfMemory);
    QVERIFY(plan.error().message.find("smaller quantization") != std::string::npos);
}

void MemoryPlanTest::context_beyondTheModelsIsItsOwn() {
    LoadOptions options = m_options;
    options.contextTokens = 100000;
    const auto plan = chooseMemoryPlan(*m_file, *m_kernels, options, 8, UINT64_MAX);
    QVERIFY(plan);
    QCOMPARE(plan->contextTokens, 8192);
}

void MemoryPlanTest::context_negativeIsRefused() {
    LoadOptions options = m_options;
    options.contextTokens = -1;
    const auto plan = chooseMemoryPlan(*m_file, *m_kernels, options, 8, UINT64_MAX);
    QVERIFY(!plan);
    QCOMPARE(plan.error().code, ErrorCode::InvalidArgument);
}

void MemoryPlanTest::kv_ofHalfPrecisionTakesHalf() {
    LoadOptions options = m_options;
    const auto half = planMemory(*m_file, *m_kernels, options, 8, 1024);
    options.kv = {KvType::F32, KvType::F32};
    const auto full = planMemory(*m_file, *m_kernels, options, 8, 1024);
    QCOMPARE(full.kvBytes, 2 * half.kvBytes);
    QCOMPARE(full.model.scratch, half.model.scratch);
}

QTEST_APPLESS_MAIN(MemoryPlanTest)
#include "memory_plan_test.moc"

// Which context fits: chosen by the engine, asked for by the user, or refused with what would fit.
#include <QtTest>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/schedule/kv_choice.h"
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
    void kv_thatWouldHarmIsRefused_data();
    void kv_thatWouldHarmIsRefused();

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

void MemoryPlanTest::kv_thatWouldHarmIsRefused_data() {
    QTest::addColumn<int>("headDim");
    QTest::addColumn<QString>("types");
    QTest::addColumn<QString>("refusal");
    QTest::newRow("any head") << 40 << "f16"
                              << "";
    QTest::newRow("not in blocks") << 80 << "q8_0"
                                   << "cut into blocks";
    QTest::newRow("values not in blocks") << 48 << "f16,fp8_e4m3"
                                          << "cut into blocks";
    QTest::newRow("small, eight bits") << 32 << "q8_0"
                                       << "";
    QTest::newRow("small, five bits") << 32 << "q5_0"
                                      << "small";
    QTest::newRow("small, values of four") << 32 << "q8_0,q4_0"
                                           << "small";
    QTest::newRow("usual, four bits") << 64 << "q4_0"
                                      << "";
}

void MemoryPlanTest::kv_thatWouldHarmIsRefused() {
    QFETCH(int, headDim);
    QFETCH(QString, types);
    QFETCH(QString, refusal);
    ModelConfig model;
    model.layers.resize(2);
    model.layers[0].attention.headDim = 128;
    model.layers[1].attention.headDim = headDim;
    const auto kv = kvTypesFromText(types.toStdString());
    QVERIFY(kv);
    const Status status = checkKvTypes(model, *kv);
    QCOMPARE(status.has_value(), refusal.isEmpty());
    if (status) return;
    QCOMPARE(status.error().code, ErrorCode::Unsupported);
    QVERIFY(QString::fromStdString(status.error().message).contains(refusal));
}

QTEST_APPLESS_MAIN(MemoryPlanTest)
#include "memory_plan_test.moc"

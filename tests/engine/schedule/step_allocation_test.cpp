// A step allocates nothing: every operator new of the program is counted while forward passes run.
#include <QtTest>
#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/schedule/answer_lengths.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/step_executor.h"
#include "tests/support/tiny_gguf.h"

namespace {

std::atomic<std::int64_t> allocationCount{0};

void* countedAllocation(std::size_t bytes) {
    ++allocationCount;
    if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return countedAllocation(bytes); }
void* operator new[](std::size_t bytes) { return countedAllocation(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace sotto;

class StepAllocationTest : public QObject {
    Q_OBJECT

private slots:
    void counter_seesAllocations();
    void expectedLength_allocatesNothing();
    void steps_allocateNothing_data();
    void steps_allocateNothing();
};

void StepAllocationTest::counter_seesAllocations() {
    const std::int64_t before = allocationCount;
    const auto value = std::make_unique<int>(7);
    QVERIFY(*value == 7 && allocationCount > before);
}

// Asked in every turn in which somebody waits.
void StepAllocationTest::expectedLength_allocatesNothing() {
    AnswerLengths lengths(100);
    for (std::int64_t length = 1; length <= 100; ++length) lengths.note({false, 1}, length);
    const std::int64_t before = allocationCount;
    std::int64_t sum = 0;
    for (std::int64_t nSoFar = 0; nSoFar < 100; ++nSoFar)
        sum += lengths.expected({false, 1}, nSoFar);
    QCOMPARE(allocationCount - before, 0);
    QVERIFY(sum > 0);
}

void StepAllocationTest::steps_allocateNothing_data() {
    QTest::addColumn<int>("type");
    QTest::newRow("fast f32") << static_cast<int>(DType::F32);
    QTest::newRow("fast q8_0") << static_cast<int>(DType::Q8_0);
    QTest::newRow("fast q4_k") << static_cast<int>(DType::Q4_K);
}

void StepAllocationTest::steps_allocateNothing() {
    QFETCH(int, type);
    test::TinyModel tiny;
    tiny.nEmbd = 256;
    tiny.nFf = 256;
    tiny.headDim = 64;
    tiny.nContext = 256;
    tiny = test::withTypes(tiny, static_cast<DType>(type));
    const auto bytes = test::tinyModelBytes(tiny);
    QVERIFY(bytes);
    auto file = parseModelFile(*bytes, "tiny");
    QVERIFY2(file, file ? "" : file.error().message.c_str());
    LoadRequest request;
    request.engine.nThreads = 2;
    auto model = loadModel(std::move(*file), request, {});
    QVERIFY2(model, model ? "" : model.error().message.c_str());

    StepExecutor executor(**model);
    SequenceMemory first((*model)->cache->groups(), kBlockTokens, 256);
    SequenceMemory second((*model)->cache->groups(), kBlockTokens, 256);
    std::vector<std::int32_t> tokens(200, 5);
    const std::vector<StepSource> sources{{tokens, &first}, {tokens, &second}};
    const StepPlan prefill{{{0, 0, 70, 1, StepPhase::Reading}}};
    const StepPlan otherPrefill{{{1, 0, 3, 1, StepPhase::Reading}}};
    QVERIFY(executor.execute(otherPrefill, sources, {}));

    const std::int64_t before = allocationCount;
    bool isDone = static_cast<bool>(executor.execute(prefill, sources, {}));
    StepPlan decode;
    decode.slices.reserve(2);
    const std::int64_t afterPlan = allocationCount;
    for (std::int64_t step = 0; step < 40; ++step) {  // passes a block border in both sequences
        decode.slices.assign({{0, 70 + step, 1, 1, StepPhase::Answering},
                              {1, 3 + step, 1, 1, StepPhase::Answering}});
        isDone = isDone && executor.execute(decode, sources, {});
    }
    const std::int64_t after = allocationCount;
    QVERIFY(isDone);
    QCOMPARE(afterPlan - before, 1);  // the plan's own vector
    QCOMPARE(after - afterPlan, 0);
}

QTEST_APPLESS_MAIN(StepAllocationTest)
#include "step_allocation_test.moc"

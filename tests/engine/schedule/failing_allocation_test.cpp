// What the engine thread does when the memory ends for good: every allocation on that thread fails
// from an answer's first token until the answer's end was told, or during a load.
#include <QTemporaryDir>
#include <QtTest>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <utility>

#include "engine/schedule/engine_impl.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/tiny_gguf.h"

namespace {

thread_local bool isFailing = false;

void* failableAllocation(std::size_t bytes) {
    if (!isFailing)
        if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return failableAllocation(bytes); }
void* operator new[](std::size_t bytes) { return failableAllocation(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace sotto;

class FailingAllocationTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        m_load.path = m_folder.filePath("tiny.gguf").toStdString();
        m_load.contextTokens = 64;
        QVERIFY(test::writeTinyModel({}, m_load.path));
    }
    void memoryThatEnds_failsTheRequestsAndNotTheProgram();
    void memoryThatEndsInALoad_failsTheLoadAndNotTheProgram();

private:
    // Allocations on the engine's thread fail from the first `Begin` until isEnd(event) was told.
    template <typename Begin>
    static std::unique_ptr<Engine> failingEngine(EventLog& log,
                                                 std::function<bool(const EngineEvent&)> isEnd) {
        EngineOptions options;
        options.nThreads = 1;
        options.isMeasuringBandwidth = false;
        options.device = "cpu";
        const auto sink = [record = log.sink(), isEnd = std::move(isEnd),
                           isFirst = true](const EngineEvent& event) mutable {
            const bool wasFailing = std::exchange(isFailing, false);
            record(event);
            const bool isBegin =
                std::holds_alternative<Begin>(event) && std::exchange(isFirst, false);
            isFailing = (wasFailing || isBegin) && !isEnd(event);
        };
        auto engine = EngineImpl::create(options, sink, {});
        return engine ? std::move(*engine) : nullptr;
    }

    QTemporaryDir m_folder;
    LoadOptions m_load;
};

void FailingAllocationTest::memoryThatEnds_failsTheRequestsAndNotTheProgram() {
    EventLog log;
    const auto engine = failingEngine<TokenSampled>(
        log, [](const EngineEvent& event) { return EventLog::isEndOf(event, 1); });
    QVERIFY(engine);
    engine->load(m_load);
    QVERIFY(log.waitForAny<ModelLoaded>());

    GenerationRequest request;
    request.prompt = TextPrompt{"the cat"};
    request.maxTokens = 5;
    request.isIgnoringEnd = true;
    const RequestId failing = engine->submit(request);
    QVERIFY(log.waitForEnd(failing));
    QCOMPARE(log.error(failing).code, ErrorCode::OutOfMemory);
    QVERIFY(!log.error(failing).message.empty());

    const RequestId next = engine->submit(request);
    QVERIFY(log.waitForEnd(next));
    QCOMPARE(log.finished(next).reason, StopReason::MaxTokens);
}

void FailingAllocationTest::memoryThatEndsInALoad_failsTheLoadAndNotTheProgram() {
    EventLog log;
    const auto engine = failingEngine<GenerationFinished>(
        log, [](const EngineEvent& event) { return std::holds_alternative<LoadFailed>(event); });
    QVERIFY(engine);
    engine->load(m_load);
    QVERIFY(log.waitForAny<ModelLoaded>());
    GenerationRequest request;
    request.prompt = TextPrompt{"the cat"};
    request.isIgnoringEnd = true;
    engine->submit(request);
    QVERIFY(log.waitForAny<TokenSampled>());
    // Ends the request first, and then finds no memory, neither for the file nor for the figures.
    engine->load(m_load);
    QVERIFY(log.waitForAny<LoadFailed>());
    QCOMPARE(log.all<LoadFailed>().front().error.code, ErrorCode::OutOfMemory);
    QVERIFY(engine->snapshot().isModelLoaded);
    engine->load(m_load);
    QVERIFY(log.waitForAny<ModelLoaded>(2));
    QCOMPARE(log.all<LoadFailed>().size(), std::size_t{1});
}

QTEST_APPLESS_MAIN(FailingAllocationTest)
#include "failing_allocation_test.moc"

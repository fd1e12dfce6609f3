// What the engine thread does when the memory ends for good: every allocation on that thread fails
// from an answer's first token until the answer's end was told.
#include <QTemporaryDir>
#include <QtTest>
#include <cstdlib>
#include <new>

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
    void memoryThatEnds_failsTheRequestsAndNotTheProgram();
};

void FailingAllocationTest::memoryThatEnds_failsTheRequestsAndNotTheProgram() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath("tiny.gguf").toStdString();
    QVERIFY(test::writeTinyModel({}, path));

    EventLog log;
    EngineOptions options;
    options.nThreads = 1;
    options.isMeasuringBandwidth = false;
    options.device = "cpu";
    bool isFirst = true;
    const auto sink = [&, record = log.sink()](const EngineEvent& event) {
        const bool wasFailing = std::exchange(isFailing, false);
        record(event);
        const bool isFirstToken =
            std::holds_alternative<TokenSampled>(event) && std::exchange(isFirst, false);
        isFailing = (wasFailing || isFirstToken) && !EventLog::isEndOf(event, 1);
    };
    auto engine = EngineImpl::create(options, sink, {});
    QVERIFY(engine);
    LoadOptions load;
    load.path = path;
    load.contextTokens = 64;
    (*engine)->load(load);
    QVERIFY(log.waitForAny<ModelLoaded>());

    GenerationRequest request;
    request.prompt = TextPrompt{"the cat"};
    request.maxTokens = 5;
    request.isIgnoringEnd = true;
    const RequestId failing = (*engine)->submit(request);
    QVERIFY(log.waitForEnd(failing));
    QCOMPARE(log.error(failing).code, ErrorCode::OutOfMemory);
    QVERIFY(!log.error(failing).message.empty());

    const RequestId next = (*engine)->submit(request);
    QVERIFY(log.waitForEnd(next));
    QCOMPARE(log.finished(next).reason, StopReason::MaxTokens);
}

QTEST_APPLESS_MAIN(FailingAllocationTest)
#include "failing_allocation_test.moc"

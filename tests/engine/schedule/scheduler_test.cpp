// The pure parts of the scheduler: plans, admission, invariants, telemetry.
#include <QtTest>
#include <numeric>
#include <thread>

#include "engine/schedule/engine_invariants.h"
#include "engine/schedule/scheduler.h"
#include "engine/schedule/telemetry.h"

using namespace sotto;

class SchedulerTest : public QObject {
    Q_OBJECT

private slots:
    void plan_isIdleWithoutRequests();
    void plan_cutsAPromptIntoChunks();
    void plan_alternatesPrefillAndDecode();
    void plan_thatWasNotStarted_isMadeAgain();
    void plan_prefersInteractivePrompts();
    void plan_holdsBackgroundPromptsWhileAPersonReads();
    void invariants_holdForAGoodState();
    void invariants_findEachFault_data();
    void invariants_findEachFault();
    void percentile_isTheNearestRank();
    void clock_countsAfterTheFirstToken();
    void meter_countsWholeStepsAndReadsOfTheirForwardPart();
    void combinedRead_isTheTimeOfAllDevicesInTurn_data();
    void combinedRead_isTheTimeOfAllDevicesInTurn();
    void snapshot_isNeverTorn();
};

void SchedulerTest::plan_isIdleWithoutRequests() {
    Scheduler scheduler({.prefillChunk = 16, .piece = 4, .isMixing = false});
    StepPlan plan{{{}}};
    scheduler.plan({}, 0, plan);
    QVERIFY(plan.isEmpty());
}

void SchedulerTest::plan_cutsAPromptIntoChunks() {
    Scheduler scheduler({.prefillChunk = 16, .piece = 4, .isMixing = false});
    StepPlan plan;
    std::vector<SchedulableRequest> requests{{false, 40, 40, 0}};
    std::vector<std::int64_t> lengths;
    while (requests[0].isPrefilling()) {
        scheduler.plan(requests, 0, plan);
        QCOMPARE(plan.slices.size(), std::size_t{1});
        QCOMPARE(plan.slices.front().phase, StepPhase::Reading);
        QCOMPARE(plan.slices.front().firstPosition, requests[0].nComputed);
        lengths.push_back(plan.slices.front().nTokens);
        requests[0].nComputed += lengths.back();
        QCOMPARE(plan.slices.front().nOutputs, requests[0].nComputed == 40 ? 1 : 0);
    }
    QCOMPARE(lengths, (std::vector<std::int64_t>{16, 16, 8}));
}

void SchedulerTest::plan_alternatesPrefillAndDecode() {
    Scheduler scheduler({.prefillChunk = 16, .piece = 4, .isMixing = false});
    StepPlan plan;
    // Request 0 decodes, request 1 reads a long prompt: neither waits for the other.
    std::vector<SchedulableRequest> requests{{false, 4, 5, 4}, {false, 100, 100, 0}};
    std::vector<StepPhase> phases;
    for (int step = 0; step < 6; ++step) {
        scheduler.plan(requests, 0, plan);
        QCOMPARE(plan.slices.size(), std::size_t{1});
        scheduler.noteStarted(plan);
        phases.push_back(plan.slices.front().phase);
        for (const StepSlice& slice : plan.slices) {
            SchedulableRequest& request = requests[slice.requestIndex];
            request.nComputed += slice.nTokens;
            if (slice.nOutputs == 1) request.nTokens = request.nComputed + 1;
        }
    }
    using enum StepPhase;
    QCOMPARE(phases,
             (std::vector<StepPhase>{Reading, Answering, Reading, Answering, Reading, Answering}));
    QCOMPARE(requests[1].nComputed, 48);
    QCOMPARE(requests[0].nComputed, 7);
}

// Where the cache had no room for it and somebody was paused: the turn is still the prompt's.
void SchedulerTest::plan_thatWasNotStarted_isMadeAgain() {
    Scheduler scheduler({.prefillChunk = 16, .piece = 4, .isMixing = false});
    StepPlan plan;
    const std::vector<SchedulableRequest> requests{{false, 4, 5, 4}, {false, 100, 100, 0}};
    for (int time = 0; time < 3; ++time) {
        scheduler.plan(requests, 0, plan);
        QCOMPARE(plan.nRowsOf(StepPhase::Reading), 16);
    }
    scheduler.noteStarted(plan);
    for (int time = 0; time < 3; ++time) {
        scheduler.plan(requests, 0, plan);
        QCOMPARE(plan.nRowsOf(StepPhase::Answering), 1);
    }
}

void SchedulerTest::plan_prefersInteractivePrompts() {
    Scheduler scheduler({.prefillChunk = 16, .piece = 4, .isMixing = false});
    StepPlan plan;
    const std::vector<SchedulableRequest> requests{{true, 40, 40, 0}, {false, 40, 40, 0}};
    scheduler.plan(requests, 0, plan);
    QCOMPARE(plan.slices.front().requestIndex, std::size_t{1});
}

void SchedulerTest::plan_holdsBackgroundPromptsWhileAPersonReads() {
    Scheduler scheduler({.prefillChunk = 16, .piece = 4, .isMixing = false});
    StepPlan plan;
    // An answer for a person, the prompt of a background job, and a background answer.
    std::vector<SchedulableRequest> requests{
        {false, 4, 5, 4}, {true, 100, 100, 0}, {true, 4, 5, 4}};
    for (int step = 0; step < 3; ++step) {
        scheduler.plan(requests, 0, plan);
        QCOMPARE(plan.slices.size(), std::size_t{2});
        QCOMPARE(plan.nRowsOf(StepPhase::Answering), 2);
        scheduler.noteStarted(plan);
    }
    // Among background jobs it is in turn as ever.
    requests.front().isBackground = true;
    scheduler.plan(requests, 0, plan);
    QCOMPARE(plan.nRowsOf(StepPhase::Reading), 16);
    scheduler.noteStarted(plan);
    scheduler.plan(requests, 0, plan);
    QCOMPARE(plan.nRowsOf(StepPhase::Reading), 0);
    QCOMPARE(plan.nRowsOf(StepPhase::Answering), 2);
}

namespace {

std::vector<std::int32_t> tokensFrom(std::int32_t first, std::size_t count) {
    std::vector<std::int32_t> tokens(count);
    std::iota(tokens.begin(), tokens.end(), first);
    return tokens;
}

// 7 answers; 8 and 9 read the prompt that they share, of which 9 has the first block; the last
// block is idle.
EngineState goodState() {
    EngineState state;
    state.blockTokens = 32;
    state.contextTokens = 128;
    state.nBlocksFree = 1;
    state.holders = {1, 0, 2, 1, 1, 0};
    state.nBlocksIdle = 1;
    state.kept = {{2, -1, tokensFrom(900, 32)}, {5, 2, tokensFrom(7, 20)}};
    state.running = {{.id = 7,
                      .nPrompt = 10,
                      .nToRead = 10,
                      .tokens = tokensFrom(500, 41),
                      .nComputed = 40,
                      .nMost = 96,
                      .nExpected = 64,
                      .blocks = {0, 3}},
                     {.id = 8,
                      .nPrompt = 40,
                      .nToRead = 40,
                      .tokens = tokensFrom(900, 40),
                      .nComputed = 36,
                      .nMost = 128,
                      .nExpected = 128,
                      .blocks = {2, 4}},
                     {.id = 9,
                      .nPrompt = 40,
                      .nToRead = 40,
                      .tokens = tokensFrom(900, 40),
                      .nComputed = 32,
                      .nMost = 128,
                      .nExpected = 128,
                      .blocks = {2}}};
    state.waiting = {{.id = 10, .nBytesAside = 100}};
    state.maxAsideBytes = 100;
    return state;
}

struct Fault {
    const char* name;
    void (*make)(EngineState&);
};
const std::vector<Fault> kFaults{
    {"a block nobody holds", [](EngineState& state) { state.holders[1] = 1; }},
    {"a block of another question",
     [](EngineState& state) {
         state.running[2].blocks = {0};
         state.holders = {2, 0, 1, 1, 1, 0};
     }},
    {"a block at another place",
     [](EngineState& state) {
         state.running[1].blocks = {4, 2};
     }},
    {"a shared block of another prompt",
     [](EngineState& state) { state.running[2].tokens[31] = 7; }},
    {"a shared block behind another one",
     [](EngineState& state) {
         for (const int index : {1, 2}) state.running[index].tokens[0] = 7;
         state.running[0].tokens = state.running[1].tokens;
         state.running[0].tokens[0] = 8;
         state.running[0].tokens.push_back(9);
         state.running[0].blocks = {0, 4};
         state.holders = {1, 0, 2, 0, 2, 0};
         state.nBlocksFree = 2;
     }},
    {"a block that is none", [](EngineState& state) { state.running[2].blocks = {6}; }},
    {"an idle block that is not kept", [](EngineState& state) { state.kept.pop_back(); }},
    {"an idle block that is free, too", [](EngineState& state) { state.nBlocksFree = 2; }},
    {"a block that is neither", [](EngineState& state) { state.nBlocksIdle = 0; }},
    {"a held block behind an idle one",
     [](EngineState& state) {
         state.kept.push_back({0, 5, tokensFrom(500, 32)});
     }},
    {"a kept block with other tokens", [](EngineState& state) { state.kept[0].tokens[3] = 0; }},
    {"a free list too long", [](EngineState& state) { state.nBlocksFree = 2; }},
    {"a block too many", [](EngineState& state) { state.running[1].blocks.push_back(1); }},
    {"a block too few", [](EngineState& state) { state.running[0].blocks.pop_back(); }},
    {"two tokens not computed", [](EngineState& state) { state.running[0].tokens.push_back(1); }},
    {"all computed, with nothing under way",
     [](EngineState& state) { state.running[0].tokens.pop_back(); }},
    {"ahead, with its newest token not under way",
     [](EngineState& state) { state.running[0].isRunningAhead = true; }},
    {"more tokens than context", [](EngineState& state) { state.contextTokens = 40; }},
    {"more tokens than it may have", [](EngineState& state) { state.running[0].nMost = 40; }},
    {"more expected than it may have", [](EngineState& state) { state.running[0].nExpected = 97; }},
    {"less to read than the prompt", [](EngineState& state) { state.running[0].nToRead = 9; }},
    {"more to read than there is", [](EngineState& state) { state.running[0].nToRead = 42; }},
    {"waiting and running", [](EngineState& state) { state.waiting[0].id = 7; }},
    {"waiting twice", [](EngineState& state) { state.waiting.push_back({.id = 10}); }},
    {"waiting with blocks", [](EngineState& state) { state.waiting[0].nBlocks = 1; }},
    {"too much aside", [](EngineState& state) { state.waiting[0].nBytesAside = 101; }},
    {"an empty prompt", [](EngineState& state) { state.running[0].nPrompt = 0; }},
};

}  // namespace

void SchedulerTest::invariants_holdForAGoodState() {
    QVERIFY(!findBrokenInvariant(goodState()));
    QVERIFY(!findBrokenInvariant({}));
    EngineState ahead = goodState();
    ahead.running[0].tokens.pop_back();
    ahead.running[0].isRunningAhead = true;
    QVERIFY(!findBrokenInvariant(ahead));
    // What was given back is read again, tokens of the answer too.
    EngineState again = goodState();
    again.running[0].nToRead = 41;
    again.running[0].nComputed = 33;
    QVERIFY(!findBrokenInvariant(again));
}

void SchedulerTest::invariants_findEachFault_data() {
    QTest::addColumn<int>("index");
    for (std::size_t index = 0; index < kFaults.size(); ++index)
        QTest::newRow(kFaults[index].name) << static_cast<int>(index);
}

void SchedulerTest::invariants_findEachFault() {
    QFETCH(int, index);
    EngineState state = goodState();
    kFaults[static_cast<std::size_t>(index)].make(state);
    QVERIFY(findBrokenInvariant(state));
}

void SchedulerTest::percentile_isTheNearestRank() {
    std::vector<float> samples;
    QCOMPARE(percentile(samples, 0.5), 0.0);
    for (int value = 100; value >= 1; --value) samples.push_back(static_cast<float>(value));
    QCOMPARE(percentile(samples, 0.5), 50.0);
    QCOMPARE(percentile(samples, 0.95), 95.0);
    QCOMPARE(percentile(samples, 0.99), 99.0);
    QCOMPARE(percentile({3.0f}, 0.99), 3.0);
}

void SchedulerTest::clock_countsAfterTheFirstToken() {
    const Clock::time_point start{};
    RequestClock clock(start);
    QCOMPARE(clock.stats(10).ttftMs, 0.0);
    clock.notePrefillStart(start + std::chrono::milliseconds(5));
    clock.noteToken(start + std::chrono::milliseconds(25));
    for (int token = 1; token <= 20; ++token) {
        clock.noteToken(start + std::chrono::milliseconds(25 + 10 * token));
        clock.noteDecodeBytes(50'000'000);
    }
    const RequestStats stats = clock.stats(10);  // GB/s
    QCOMPARE(stats.ttftMs, 25.0);
    QCOMPARE(stats.prefillMs, 20.0);
    QCOMPARE(stats.tpotMeanMs, 10.0);
    QCOMPARE(stats.tpotP95Ms, 10.0);
    QCOMPARE(stats.tpotP99Ms, 0.0);
    QCOMPARE(stats.tokensPerSecond, 100.0);
    QCOMPARE(stats.bytesPerStep, 5e7);
    QCOMPARE(stats.mbu, 0.5);  // 50 MB in 10 ms is 5 of 10 GB/s
    QCOMPARE(clock.stats(0).mbu, 0.0);
}

void SchedulerTest::meter_countsWholeStepsAndReadsOfTheirForwardPart() {
    StepMeter meter;
    const Clock::time_point now = Clock::time_point{} + std::chrono::seconds(10);
    meter.note(now - std::chrono::seconds(2), {0.5, 0.5}, 100, 1);  // too long ago
    for (int step = 0; step < 4; ++step) meter.note(now, {0.125, 0.0625}, 2, 1'000'000'000);
    QCOMPARE(meter.tokensPerSecond(now), 16.0);  // 8 tokens in 4/8 s
    QCOMPARE(meter.bandwidthGbS(now), 16.0);     // 4 GB in 4/16 s
}

void SchedulerTest::combinedRead_isTheTimeOfAllDevicesInTurn_data() {
    QTest::addColumn<QList<qulonglong>>("bytes");
    QTest::addColumn<QList<double>>("rates");
    QTest::addColumn<double>("expected");
    constexpr qulonglong kGb = 1'000'000'000;
    QTest::addRow("none") << QList<qulonglong>{} << QList<double>{} << 0.0;
    QTest::addRow("one") << QList<qulonglong>{7} << QList<double>{33.4} << 33.4;
    QTest::addRow("one, unmeasured") << QList<qulonglong>{7} << QList<double>{0} << 0.0;
    // 1 GB at 50 GB/s and 3 GB at 1000 GB/s: 23 ms for 4 GB.
    QTest::addRow("processor and card")
        << QList<qulonglong>{kGb, 3 * kGb} << QList<double>{50, 1000} << 4.0 / 0.023;
    QTest::addRow("card unmeasured") << QList<qulonglong>{kGb, kGb} << QList<double>{50, 0} << 0.0;
    QTest::addRow("nothing to read") << QList<qulonglong>{0, 0} << QList<double>{50, 50} << 0.0;
}

void SchedulerTest::combinedRead_isTheTimeOfAllDevicesInTurn() {
    QFETCH(QList<qulonglong>, bytes);
    QFETCH(QList<double>, rates);
    QFETCH(double, expected);
    std::vector<ReadShare> shares;
    for (qsizetype index = 0; index < bytes.size(); ++index)
        shares.push_back({bytes[index], rates[index]});
    // A handful of double operations: a few units in the last place.
    QVERIFY(std::abs(combinedReadGbS(shares) - expected) <= expected * 1e-14);
}

void SchedulerTest::snapshot_isNeverTorn() {
    SnapshotCell cell;
    std::atomic<bool> isDone{false};
    std::thread writer([&] {
        EngineSnapshot snapshot;
        for (std::int64_t round = 1; round <= 20000; ++round) {
            snapshot.kvBlocksTotal = round;
            snapshot.memory.systemAvailable = static_cast<std::uint64_t>(round);
            cell.store(snapshot);
        }
        isDone = true;
    });
    std::int64_t last = 0;
    bool isTorn = false, isBackwards = false;
    while (!isDone) {
        const EngineSnapshot snapshot = cell.load();
        isTorn = isTorn || static_cast<std::uint64_t>(snapshot.kvBlocksTotal) !=
                               snapshot.memory.systemAvailable;
        isBackwards = isBackwards || snapshot.kvBlocksTotal < last;
        last = snapshot.kvBlocksTotal;
    }
    writer.join();
    QVERIFY(!isTorn);
    QVERIFY(!isBackwards);
    QCOMPARE(cell.load().kvBlocksTotal, 20000);
}

QTEST_APPLESS_MAIN(SchedulerTest)
#include "scheduler_test.moc"

// Steps that hold answers and prompts, over plain data: what a plan takes, where it cuts, and what
// it knows of time.
#include <QtTest>
#include <random>

#include "engine/schedule/scheduler.h"
#include "engine/schedule/step_cost.h"

using namespace sotto;

namespace {

using Requests = std::vector<SchedulableRequest>;

constexpr std::int64_t kChunk = 512;

// As the engine carries a step out.
void carryOut(const StepPlan& plan, Requests& requests) {
    for (const StepSlice& slice : plan.slices) {
        SchedulableRequest& request = requests[slice.requestIndex];
        request.nComputed += slice.nTokens;
        if (slice.nOutputs > 0) request.nTokens = request.nComputed + 1;
    }
}

SchedulableRequest prompt(std::int64_t nTokens, bool isBackground = false) {
    return {isBackground, nTokens, nTokens, 0};
}

SchedulableRequest answer(bool isBackground = false) { return {isBackground, 4, 5, 4}; }

SchedulerOptions processor() { return {.prefillChunk = kChunk, .piece = 4, .maxRows = kChunk}; }

SchedulerOptions card() {
    return {.prefillChunk = kChunk, .piece = 64, .exactRows = 8, .maxRows = kChunk};
}

std::vector<std::int64_t> rowsOf(const StepPlan& plan) {
    std::vector<std::int64_t> rows;
    for (const StepSlice& slice : plan.slices) rows.push_back(slice.nTokens);
    return rows;
}

}  // namespace

class MixedPlanTest : public QObject {
    Q_OBJECT

private slots:
    void answers_getATokenInEveryStepOfALongPrompt();
    void timedRows_areKeptButForOnePiece_data();
    void timedRows_areKeptButForOnePiece();
    void chunk_isWholeWhereNoAnswerWaits();
    void borders_areMultiplesWhateverTheTimeIs_data();
    void borders_areMultiplesWhateverTheTimeIs();
    void prompts_shareAStep();
    void prompts_doNotHoldUpTheOneThatEnds();
    void background_waitsForWhatAPersonReads();
    void rows_neverExceedTheModels();
    void parts_keepASliceInItsKernels();
    void cost_isLearntFromSteps();
    void cost_ofOneDisturbedStepFades();
    void cost_unknownHasNoRows();
    void allowance_growsWithTheLoad();
};

void MixedPlanTest::answers_getATokenInEveryStepOfALongPrompt() {
    Scheduler scheduler(processor());
    Requests requests{answer(), prompt(2000), answer(true)};
    StepPlan plan;
    int nSteps = 0;
    for (; requests[1].isPrefilling(); ++nSteps) {
        scheduler.plan(requests, 40, plan);
        QCOMPARE(rowsOf(plan), (std::vector<std::int64_t>{1, 1, 40}));
        QCOMPARE(plan.nRowsOf(StepPhase::Answering), 2);
        QCOMPARE(plan.slices.back().nOutputs, requests[1].nComputed == 1960 ? 1 : 0);
        carryOut(plan, requests);
    }
    QCOMPARE(nSteps, 50);
    QCOMPARE(requests[0].nComputed, 4 + 50);
}

void MixedPlanTest::timedRows_areKeptButForOnePiece_data() {
    QTest::addColumn<qlonglong>("timedRows");
    QTest::addColumn<qlonglong>("expected");
    QTest::newRow("no time at all") << 0LL << 4LL;
    QTest::newRow("less than a piece") << 3LL << 4LL;
    QTest::newRow("two pieces and a half") << 10LL << 8LL;
    QTest::newRow("more than a chunk") << 100000LL << 508LL;  // 511 rows beside the answer
}

void MixedPlanTest::timedRows_areKeptButForOnePiece() {
    QFETCH(qlonglong, timedRows);
    QFETCH(qlonglong, expected);
    Scheduler scheduler(processor());
    const Requests requests{answer(), prompt(2000)};
    StepPlan plan;
    scheduler.plan(requests, timedRows, plan);
    QCOMPARE(plan.nRowsOf(StepPhase::Reading), expected);
    QCOMPARE(plan.nRowsOf(StepPhase::Answering), 1);
}

void MixedPlanTest::chunk_isWholeWhereNoAnswerWaits() {
    Scheduler scheduler(processor());
    Requests requests{prompt(1100)};
    StepPlan plan;
    std::vector<std::int64_t> rows;
    while (requests[0].isPrefilling()) {
        scheduler.plan(requests, 0, plan);
        rows.push_back(plan.nRows());
        carryOut(plan, requests);
    }
    QCOMPARE(rows, (std::vector<std::int64_t>{512, 512, 76}));
}

void MixedPlanTest::borders_areMultiplesWhateverTheTimeIs_data() {
    QTest::addColumn<bool>("isCard");
    QTest::addColumn<bool>("isMixing");
    for (const bool isCard : {false, true})
        for (const bool isMixing : {false, true})
            QTest::addRow("%s, %s", isCard ? "card" : "processor", isMixing ? "mixed" : "in turn")
                << isCard << isMixing;
}

// Requests come and go, the time changes with each step. Which kernels a row of a prompt meets
// follows from its position and its prompt alone.
void MixedPlanTest::borders_areMultiplesWhateverTheTimeIs() {
    QFETCH(bool, isCard);
    QFETCH(bool, isMixing);
    SchedulerOptions options = isCard ? card() : processor();
    options.isMixing = isMixing;
    Scheduler scheduler(options);
    std::mt19937 random(7);
    const auto below = [&](std::int64_t end) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(end));
    };
    Requests requests;
    StepPlan plan;
    for (int step = 0; step < 5000; ++step) {
        if (requests.size() < 8 && below(3) == 0)
            requests.push_back(prompt(1 + below(700), below(3) == 0));
        std::erase_if(requests, [&](const SchedulableRequest& request) {
            return !request.isPrefilling() && request.nTokens > request.nPrompt + 30;
        });
        const bool hasAnswer = !std::ranges::all_of(requests, &SchedulableRequest::isPrefilling);
        scheduler.plan(requests, below(700), plan);
        scheduler.noteStarted(plan);
        QCOMPARE(plan.isEmpty(), requests.empty());
        if (isMixing && hasAnswer)
            for (std::size_t index = 0; index < requests.size(); ++index)
                QVERIFY(requests[index].isPrefilling() ||
                        std::ranges::count(plan.slices, index, &StepSlice::requestIndex) == 1);
        for (const StepSlice& slice : plan.slices) {
            const SchedulableRequest& request = requests[slice.requestIndex];
            const std::int64_t end = slice.firstPosition + slice.nTokens;
            QCOMPARE(slice.phase,
                     request.isPrefilling() ? StepPhase::Reading : StepPhase::Answering);
            if (slice.phase == StepPhase::Answering) continue;
            QVERIFY(end == request.nPrompt || end % options.piece == 0);
            QCOMPARE(slice.nOutputs, end == request.nPrompt ? 1 : 0);
            // The tail of up to 8 rows behind the last whole piece comes alone.
            const std::int64_t tail = request.nPrompt % options.piece;
            const bool isTail = slice.firstPosition == request.nPrompt - tail;
            if (isCard)
                QCOMPARE(slice.nTokens <= options.exactRows, isTail && tail <= options.exactRows);
        }
        carryOut(plan, requests);
    }
}

void MixedPlanTest::prompts_shareAStep() {
    Scheduler scheduler(processor());
    Requests requests{prompt(20), answer(), prompt(30), prompt(1000)};
    StepPlan plan;
    scheduler.plan(requests, 100, plan);
    QCOMPARE(rowsOf(plan), (std::vector<std::int64_t>{1, 20, 30, 48}));
    QCOMPARE(plan.slices[2].nOutputs, 1);
    QCOMPARE(plan.slices[3].nOutputs, 0);
    // The first that does not fit is not overtaken.
    requests = {prompt(200), answer(), prompt(30)};
    scheduler.plan(requests, 100, plan);
    QCOMPARE(rowsOf(plan), (std::vector<std::int64_t>{1, 100}));
}

void MixedPlanTest::prompts_doNotHoldUpTheOneThatEnds() {
    Scheduler scheduler(processor());
    const Requests requests{prompt(100), prompt(1000)};
    StepPlan plan;
    // The first one's answer begins with this step: what else it reads is timed.
    scheduler.plan(requests, 60, plan);
    QCOMPARE(rowsOf(plan), (std::vector<std::int64_t>{100}));
    scheduler.plan(requests, 140, plan);
    QCOMPARE(rowsOf(plan), (std::vector<std::int64_t>{100, 40}));
}

void MixedPlanTest::background_waitsForWhatAPersonReads() {
    Scheduler scheduler(processor());
    Requests requests{prompt(100, true), answer(true), prompt(100), prompt(100, true)};
    StepPlan plan;
    scheduler.plan(requests, 1000, plan);
    QCOMPARE(plan.slices.size(), std::size_t{2});
    QCOMPARE(plan.slices.back().requestIndex, std::size_t{2});
    carryOut(plan, requests);
    scheduler.plan(requests, 1000, plan);
    QCOMPARE(plan.nRowsOf(StepPhase::Reading), 0);
    QCOMPARE(plan.nRowsOf(StepPhase::Answering), 2);
    requests.erase(requests.begin() + 2);
    scheduler.plan(requests, 1000, plan);
    QCOMPARE(rowsOf(plan), (std::vector<std::int64_t>{1, 100, 100}));
}

void MixedPlanTest::rows_neverExceedTheModels() {
    // The smallest chunk: one piece beside all answers, as the memory plan gives room for.
    Scheduler scheduler({.prefillChunk = 4, .piece = 64, .maxRows = 4 + 8});
    Requests requests(7, answer());
    requests.push_back(prompt(100));
    StepPlan plan;
    scheduler.plan(requests, 1000, plan);
    QCOMPARE(plan.nRows(), 7 + 4);
}

void MixedPlanTest::parts_keepASliceInItsKernels() {
    const auto endsOf = [](const std::vector<std::int64_t>& rows, std::int64_t exactRows) {
        std::vector<StepSlice> slices;
        for (const std::int64_t nTokens : rows) slices.push_back({.nTokens = nTokens});
        std::vector<std::size_t> ends;
        for (std::size_t begin = 0; begin < slices.size(); begin = ends.back())
            ends.push_back(partEnd(slices, begin, exactRows));
        return ends;
    };
    using Ends = std::vector<std::size_t>;
    QCOMPARE(endsOf({1, 1, 500, 70}, kAnyRows), (Ends{4}));
    QCOMPARE(endsOf({1, 1, 1}, 8), (Ends{3}));
    QCOMPARE(endsOf({1, 1, 500, 70}, 8), (Ends{2, 4}));
    QCOMPARE(endsOf({1, 1, 6, 3, 9}, 8), (Ends{3, 4, 5}));
    QCOMPARE(endsOf({9, 8, 9}, 8), (Ends{1, 2, 3}));
}

void MixedPlanTest::cost_isLearntFromSteps() {
    StepCost cost;
    // 20 ms, and 0.5 ms per row.
    for (const std::int64_t nRows : {0, 0, 40, 512, 8})
        cost.note(nRows, 0.020 + 0.0005 * static_cast<double>(nRows));
    QVERIFY(std::abs(cost.base() - 0.020) < 1e-12);
    QVERIFY(std::abs(cost.perRow() - 0.0005) < 1e-12);
    QCOMPARE(cost.rowsWithin(0.0502), 60);
    QCOMPARE(cost.rowsWithin(0.0201), 0);
    QCOMPARE(cost.rowsWithin(0.010), 0);
    // The machine becomes twice as slow.
    for (int step = 0; step < 40; ++step) {
        cost.note(0, 0.040);
        cost.note(10, 0.050);
    }
    QVERIFY(std::abs(cost.base() - 0.040) < 1e-5);
    QVERIFY(std::abs(cost.perRow() - 0.001) < 1e-5);
}

void MixedPlanTest::cost_ofOneDisturbedStepFades() {
    StepCost cost;
    cost.note(0, 0.02);
    cost.note(10, 0.03);
    cost.note(10, 1.03);  // something else ran
    QVERIFY(cost.perRow() > 0.02 && cost.perRow() < 0.03);
    for (int step = 0; step < 16; ++step) cost.note(10, 0.03);
    QVERIFY(cost.perRow() < 0.0013);  // 0.75^16 of the excess is left
}

void MixedPlanTest::cost_unknownHasNoRows() {
    StepCost cost;
    QCOMPARE(cost.rowsWithin(1), 0);
    cost.note(0, 0.02);
    QCOMPARE(cost.rowsWithin(1), 0);
    cost.note(16, 0.01);  // faster than a step without: rows cost nothing
    QCOMPARE(cost.perRow(), 0.0);
    QVERIFY(cost.rowsWithin(1) > 1000);
}

void MixedPlanTest::allowance_growsWithTheLoad() {
    StepCost cost;
    QCOMPARE(cost.allowance(0.05, 1, 1), 0.05);  // nothing is known
    cost.note(0, 0.03);
    QCOMPARE(cost.allowance(0.05, 1, 1), 0.06);  // half of the pace
    QCOMPARE(cost.allowance(0.2, 1, 2), 0.2);
    QCOMPARE(cost.allowance(0.05, 1, 2), 0.15);
    QCOMPARE(cost.allowance(0.05, 3, 3), 2.46);
    QCOMPARE(cost.allowance(0.05, 7, 1), 1.5);
    QCOMPARE(cost.allowance(0.05, 7, 0), 0.05);
    // A background prompt that is held is not in the line.
    const Requests requests{answer(), prompt(10), prompt(10, true), answer(true)};
    QCOMPARE(countWork(requests).nReading, 1);
    QCOMPARE(countWork(requests).nAnswering, 2);
}

QTEST_APPLESS_MAIN(MixedPlanTest)
#include "mixed_plan_test.moc"

// Who starts, who waits and who steps back, by itself and in a model of the whole over plain data:
// random arrivals, lengths, predictions, cancels and failures.
#include <QtTest>
#include <algorithm>
#include <random>

#include "engine/schedule/admission.h"
#include "engine/schedule/scheduler.h"

using namespace sotto;

class AdmissionTest : public QObject {
    Q_OBJECT

private slots:
    void longestSequence_isCutAtTheContext();
    void line_hasPersonsThenJobsAndPausedFirst();
    void line_letsNobodyWaitForWhatIsNotReady();
    void line_growsOldJobsUp();
    void overtaking_isByPersonsThatCameLater();
    void roomAside_countsWhatIsAsideOnce();
    void fit_countsWhatOthersWillTake();
    void pause_hitsTheYoungestJobOrTheLatest();
    void randomLoad_endsEveryRequest_data();
    void randomLoad_endsEveryRequest();
    void endlessPersons_doNotStarveAJob_data();
    void endlessPersons_doNotStarveAJob();
};

void AdmissionTest::longestSequence_isCutAtTheContext() {
    QCOMPARE(longestSequence(10, -1, 128), 128);
    QCOMPARE(longestSequence(10, 5, 128), 15);
    QCOMPARE(longestSequence(10, 118, 128), 128);
    QCOMPARE(longestSequence(10, INT64_MAX, 128), 128);
}

void AdmissionTest::line_hasPersonsThenJobsAndPausedFirst() {
    std::vector<WaitingRequest> waiting{{{.arrival = 1, .isBackground = true}},
                                        {{.arrival = 2}},
                                        {{.arrival = 3}},
                                        {{.arrival = 4, .isBackground = true, .nPauses = 1}},
                                        {{.arrival = 5, .nPauses = 1}}};
    std::vector<std::uint64_t> order;
    while (const auto next = nextInLine(waiting)) {
        order.push_back(waiting[*next].standing.arrival);
        waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(*next));
    }
    QCOMPARE(order, (std::vector<std::uint64_t>{5, 2, 3, 4, 1}));
}

void AdmissionTest::line_letsNobodyWaitForWhatIsNotReady() {
    std::vector<WaitingRequest> waiting{{{.arrival = 1}, false}, {{.arrival = 2}}};
    QCOMPARE(*nextInLine(waiting), std::size_t{1});
    waiting.pop_back();
    QVERIFY(!nextInLine(waiting));
    QVERIFY(!nextInLine({}));
}

void AdmissionTest::line_growsOldJobsUp() {
    std::vector<WaitingRequest> waiting{{{.arrival = 1, .isBackground = true}}, {{.arrival = 2}}};
    waiting[0].standing.nOvertaken = Standing::kMaxOvertaken - 1;
    QCOMPARE(*nextInLine(waiting), std::size_t{1});
    ++waiting[0].standing.nOvertaken;
    QCOMPARE(*nextInLine(waiting), std::size_t{0});
}

void AdmissionTest::overtaking_isByPersonsThatCameLater() {
    const Standing job{.arrival = 2, .isBackground = true};
    QVERIFY(isOvertaking({.arrival = 3}, job));
    QVERIFY(!isOvertaking({.arrival = 1}, job));
    QVERIFY(!isOvertaking({.arrival = 3, .isBackground = true}, job));
    QVERIFY(!isOvertaking({.arrival = 3}, {.arrival = 2}));
}

// What is aside is in memory already: what is available is without it.
void AdmissionTest::roomAside_countsWhatIsAsideOnce() {
    QCOMPARE(roomAside(100, 0, 1000), std::uint64_t{100});
    QCOMPARE(roomAside(100, 60, 1000), std::uint64_t{40});
    QCOMPARE(roomAside(100, 60, 80), std::uint64_t{20});
    QCOMPARE(roomAside(100, 200, 1000), std::uint64_t{0});
    QCOMPARE(roomAside(0, 0, 1000), std::uint64_t{0});
}

void AdmissionTest::fit_countsWhatOthersWillTake() {
    QVERIFY(isFitting(4, {10, 6, 1, 8}));
    QVERIFY(!isFitting(5, {10, 6, 1, 8}));
    QVERIFY(!isFitting(1, {10, 0, 8, 8}));  // as many as a step holds
    QVERIFY(isFitting(11, {10, 0, 0, 8}));  // alone it has room for all it can need
}

void AdmissionTest::pause_hitsTheYoungestJobOrTheLatest() {
    std::vector<Standing> running{{.arrival = 4},
                                  {.arrival = 1, .isBackground = true},
                                  {.arrival = 2, .isBackground = true},
                                  {.arrival = 3}};
    QCOMPARE(*nextPause(running), std::size_t{2});
    running[2].nPauses = Standing::kMaxPauses;
    QCOMPARE(*nextPause(running), std::size_t{1});
    running[1].nOvertaken = Standing::kMaxOvertaken;
    QCOMPARE(*nextPause(running), std::size_t{0});
    QVERIFY(!nextPause({running.data(), 1}));
    QVERIFY(!nextPause({}));
}

namespace {

// One token is one block here: every step may find the pool empty.
struct ModelRequest {
    Standing standing;
    std::int64_t nPrompt = 1;
    std::int64_t nAnswer = 1;    // what it will write
    std::int64_t nExpected = 1;  // of the answer, at first
    std::int64_t nTokens = 0;    // prompt and written
    std::int64_t nHeld = 0;
    std::int64_t nToRead = 0;  // the prompt; all that there was when it was paused
    bool isEnded = false;

    std::int64_t nOutstanding(std::int64_t context) const {
        std::int64_t all = nPrompt + nExpected;
        while (all <= nTokens) all += std::max<std::int64_t>(1, all - nPrompt);
        return std::max<std::int64_t>(0, std::min(all, context) - nHeld);
    }
};

class AdmissionModel {
public:
    AdmissionModel(std::int64_t context, std::size_t maxRunning)
        : m_context(context),
          m_maxRunning(maxRunning),
          m_scheduler({.prefillChunk = context, .piece = context}) {}

    void arrive(ModelRequest request) {
        request.standing.arrival = ++m_arrivals;
        request.nTokens = request.nToRead = request.nPrompt;
        m_waiting.push_back(request);
    }
    // An error in a step ends all that is in work; a cancel the one.
    void failAll() { m_running.clear(); }
    void cancel(std::uint64_t arrival) {
        for (auto* requests : {&m_waiting, &m_running})
            std::erase_if(*requests,
                          [&](const ModelRequest& one) { return one.standing.arrival == arrival; });
    }

    // Empty, or what is wrong.
    QString turn() {
        admit();
        const std::size_t nBefore = m_running.size();
        for (plan(); m_plan.nRows() > nFree(); plan()) {
            if (const QString wrong = pause(); !wrong.isEmpty()) return wrong;
        }
        if (m_running.empty()) return m_waiting.empty() ? "" : "all wait, and nobody runs";
        if (m_plan.isEmpty()) return "some run, and none of them goes on";
        m_scheduler.noteStarted(m_plan);
        for (const StepSlice& slice : m_plan.slices) {
            ModelRequest& request = m_running[slice.requestIndex];
            request.nHeld += slice.nTokens;  // what is new, or all of it again
            request.nTokens += slice.nOutputs;
            request.isEnded =
                request.nTokens - request.nPrompt > request.nAnswer || request.nTokens > m_context;
        }
        if (nFree() < 0) return "more blocks are held than there are";
        nEnded += std::erase_if(m_running, [](const ModelRequest& one) { return one.isEnded; });
        mostRunning = std::max(mostRunning, nBefore);
        return "";
    }
    bool isIdle() const { return m_running.empty() && m_waiting.empty(); }
    bool knows(std::uint64_t arrival) const {
        const auto isIt = [&](const ModelRequest& one) { return one.standing.arrival == arrival; };
        return std::ranges::any_of(m_running, isIt) || std::ranges::any_of(m_waiting, isIt);
    }
    std::uint64_t arrivals() const { return m_arrivals; }
    std::size_t nWaiting() const { return m_waiting.size(); }

    std::size_t nEnded = 0, nPauses = 0, mostRunning = 0;

private:
    std::int64_t nFree() const {
        std::int64_t held = 0;
        for (const ModelRequest& request : m_running) held += request.nHeld;
        return m_context - held;
    }
    // A step reads one prompt whole beside the answers.
    void plan() {
        std::vector<SchedulableRequest> requests;
        for (const ModelRequest& request : m_running)
            requests.push_back(
                {request.standing.isYielding(), request.nToRead, request.nTokens, request.nHeld});
        m_scheduler.plan(requests, 0, m_plan);
    }
    void admit() {
        while (true) {
            std::vector<WaitingRequest> line;
            for (const ModelRequest& request : m_waiting) line.push_back({request.standing});
            AdmissionState state{nFree(), 0, m_running.size(), m_maxRunning};
            for (const ModelRequest& request : m_running)
                state.nBlocksOutstanding += request.nOutstanding(m_context);
            const auto next = nextInLine(line);
            if (!next || !isFitting(m_waiting[*next].nOutstanding(m_context), state)) return;
            const auto place = m_waiting.begin() + static_cast<std::ptrdiff_t>(*next);
            for (auto older = m_waiting.begin(); older != place; ++older)
                ++older->standing.nOvertaken;
            for (ModelRequest& older : m_running)
                if (older.nHeld < older.nToRead && isOvertaking(place->standing, older.standing))
                    ++older.standing.nOvertaken;
            m_running.push_back(*place);
            m_waiting.erase(place);
        }
    }
    QString pause() {
        std::vector<Standing> standings;
        std::uint64_t oldest = UINT64_MAX;
        for (const ModelRequest& request : m_running) {
            standings.push_back(request.standing);
            if (!request.standing.isYielding()) oldest = std::min(oldest, request.standing.arrival);
        }
        const auto chosen = nextPause(standings);
        if (!chosen) return "the pool is too small for one";
        if (standings[*chosen].arrival == oldest) return "the oldest was paused";
        ModelRequest request = m_running[*chosen];
        m_running.erase(m_running.begin() + static_cast<std::ptrdiff_t>(*chosen));
        request.nHeld = 0;
        request.nToRead = request.nTokens;
        ++request.standing.nPauses;
        ++nPauses;
        const auto later = std::ranges::find_if(m_waiting, [&](const ModelRequest& other) {
            return other.standing.arrival > request.standing.arrival;
        });
        m_waiting.insert(later, request);
        return "";
    }

    std::int64_t m_context;
    std::size_t m_maxRunning;
    Scheduler m_scheduler;
    StepPlan m_plan;
    std::uint64_t m_arrivals = 0;
    std::vector<ModelRequest> m_waiting;  // in order of arrival
    std::vector<ModelRequest> m_running;
};

}  // namespace

void AdmissionTest::randomLoad_endsEveryRequest_data() {
    QTest::addColumn<int>("seed");
    QTest::addColumn<bool>("isDisturbed");
    for (int seed = 1; seed <= 40; ++seed)
        QTest::addRow("seed %d%s", seed, seed % 2 ? ", disturbed" : "") << seed << (seed % 2 == 1);
}

void AdmissionTest::randomLoad_endsEveryRequest() {
    QFETCH(int, seed);
    QFETCH(bool, isDisturbed);
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto below = [&](std::int64_t n) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
    };
    const std::int64_t context = 20 + below(60);
    AdmissionModel model(context, static_cast<std::size_t>(2 + below(7)));
    constexpr int kRequests = 120;
    std::int64_t nWork = 0;  // tokens that all of them write at most
    for (int turn = 0; model.arrivals() < kRequests || !model.isIdle(); ++turn) {
        if (model.arrivals() < kRequests && below(6) == 0) {
            ModelRequest request;
            request.standing.isBackground = below(3) == 0;
            request.nPrompt = 1 + below(context - 1);
            request.nAnswer = below(context);
            request.nExpected = 1 + below(context / 2);  // often too little, sometimes too much
            nWork += std::min(request.nAnswer + 1, context - request.nPrompt + 1);
            model.arrive(request);
        }
        if (isDisturbed && below(40) == 0)
            model.cancel(static_cast<std::uint64_t>(1 + below(kRequests)));
        if (isDisturbed && below(400) == 0) model.failAll();
        const QString wrong = model.turn();
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        // Every turn with somebody in it writes a token of one at least; six turns per arrival.
        QVERIFY2(turn < nWork + 30 * kRequests, "it does not end");
    }
    if (!isDisturbed) QCOMPARE(model.nEnded, std::size_t{kRequests});
    QVERIFY(model.nPauses > 0);
    QVERIFY(model.mostRunning > 1);
}

void AdmissionTest::endlessPersons_doNotStarveAJob_data() {
    QTest::addColumn<qint64>("nBlocks");
    QTest::newRow("more than the pool holds, so that it is paused") << qint64{40};
    QTest::newRow("with room, so that it runs beside them") << qint64{1000};
}

// Persons ask without end: the job still gets its turn and ends.
void AdmissionTest::endlessPersons_doNotStarveAJob() {
    QFETCH(qint64, nBlocks);
    AdmissionModel model(nBlocks, 8);
    model.arrive({.nPrompt = 4, .nAnswer = 30});
    ModelRequest job{.nPrompt = 4, .nAnswer = 20, .nExpected = 4};
    job.standing.isBackground = true;
    model.arrive(job);
    const std::uint64_t arrival = model.arrivals();
    int nTurns = 0;
    for (; model.knows(arrival) && nTurns < 2000; ++nTurns) {
        while (model.nWaiting() < 3) model.arrive({.nPrompt = 6, .nAnswer = 25, .nExpected = 3});
        const QString wrong = model.turn();
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    }
    // It is overtaken and paused a bounded number of times, by requests of 26 turns at most each.
    QVERIFY2(nTurns < 26 * (Standing::kMaxOvertaken + Standing::kMaxPauses + 8 + 2),
             qPrintable(QString::number(nTurns)));
}

QTEST_APPLESS_MAIN(AdmissionTest)
#include "admission_test.moc"

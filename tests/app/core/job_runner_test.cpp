// Jobs give their result exactly once, whatever ends them; lanes, pausing, order, and what survives
// a restart. Threads meet at gates, never by time.
#include "app/core/job_runner.h"

#include <QTest>
#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <new>

#include "app/core/jobs/storage_job_store.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct MemoryStore : JobStore {
    Result<std::vector<JobRecord>> load() override { return records(); }
    void save(std::vector<JobRecord> next) override {
        const std::lock_guard lock(mutex);
        kept = std::move(next);
    }
    std::vector<JobRecord> records() {
        const std::lock_guard lock(mutex);
        return kept;
    }
    std::mutex mutex;
    std::vector<JobRecord> kept;  // guarded by mutex
};

// What a job gave, and how often.
struct Outcome {
    void take(Result<int> result) {
        ++nTimes;
        last = std::move(result);
        // A copy: who waits may be gone before set_value has returned.
        const auto told = promise;
        told->set_value();  // throws when it is told twice
    }
    auto taker() {
        return [this](Result<int> result) { take(std::move(result)); };
    }
    void wait() { promise->get_future().wait(); }
    std::shared_ptr<std::promise<void>> promise = std::make_shared<std::promise<void>>();
    std::atomic<int> nTimes = 0;
    Result<int> last = 0;
};

JobSpec shown(const char* subject, JobLane lane = JobLane::Disk) {
    JobSpec spec;
    spec.lane = lane;
    spec.kind = "test";
    spec.subject = subject;
    spec.isShown = spec.canPause = true;
    return spec;
}

// Work that runs until it is cancelled or asked to pause.
struct Endless {
    std::latch started{1};
    auto work() {
        return [this](JobContext& context) -> Result<int> {
            started.count_down();
            while (!context.isCancelled() && !context.isPausing()) std::this_thread::yield();
            if (context.isPausing()) return context.pause();
            return fail(ErrorCode::Cancelled, "Stopped.");
        };
    }
};

const auto kOne = [](JobContext&) -> Result<int> { return 1; };

std::vector<std::string> subjects(const JobRunner& runner) {
    std::vector<std::string> names;
    for (const JobInfo& job : runner.jobs()) names.push_back(job.spec.subject);
    return names;
}

JobState stateOf(const JobRunner& runner, JobId id) {
    for (const JobInfo& job : runner.jobs())
        if (job.id == id) return job.state;
    return JobState::Done;
}

}  // namespace

class JobRunnerTest : public QObject {
    Q_OBJECT

private slots:
    void result_arrivesOnce();
    void result_ofWorkThatThrows_isAnError();
    void result_ofACancelledJob_arrivesOnce();
    void result_atTheEndOfTheRunner_arrivesOnce();
    void result_underRacingCancels_arrivesOnce();
    void start_whileClosing_isRefused();
    void cancelAndWait_returnsBehindTheResult();
    void lanes_doNotWaitForOneAnother();
    void shortJobs_overtakeLongOnes();
    void pause_callsTheWorkAgain();
    void pause_whenResumedBeforeItTook_goesOn();
    void pause_leavesTheLaneToTheNext();
    void needYou_keepsTheJobUntilItIsResumed();
    void resume_withoutAThread_asksAndCanBeTriedAgain();
    void move_changesTheOrderOfWork();
    void finished_staysInTheListUntilCleared();
    void restore_offersWhatWasUnfinished();
    void restore_keepsRecordsOfUnknownKinds();
    void restore_losesNoRecord_whicheverCannotBeOffered();
    void cancelAndWait_leavesNothingOfDone();
    void closing_keepsOnlyUnfinishedRecords();
    void storageJobStore_keepsOverARestart_data();
    void storageJobStore_keepsOverARestart();
};

void JobRunnerTest::result_arrivesOnce() {
    JobRunner runner;
    Outcome outcome;
    const JobId id = runner.start(shown("a"), kOne, outcome.taker());
    outcome.wait();
    QCOMPARE(outcome.last.value(), 1);
    QTRY_COMPARE(stateOf(runner, id), JobState::Done);
    runner.cancel(id);
    QVERIFY(runner.jobs().empty());
    QCOMPARE(outcome.nTimes.load(), 1);
}

void JobRunnerTest::result_ofWorkThatThrows_isAnError() {
    JobRunner runner;
    Outcome memory, defect;
    runner.start(
        JobSpec{}, [](JobContext&) -> Result<int> { throw std::bad_alloc(); }, memory.taker());
    runner.start(
        JobSpec{}, [](JobContext&) -> Result<int> { throw std::runtime_error("no"); },
        defect.taker());
    memory.wait();
    defect.wait();
    QCOMPARE(memory.last.error().code, ErrorCode::OutOfMemory);
    QCOMPARE(defect.last.error().code, ErrorCode::Internal);
    QVERIFY(runner.jobs().empty());  // hidden jobs leave nothing behind
}

void JobRunnerTest::result_ofACancelledJob_arrivesOnce() {
    JobRunner runner;
    Endless endless;
    Outcome running, waiting, paused;
    const JobId first = runner.start(shown("running"), endless.work(), running.taker());
    endless.started.wait();
    const JobId second = runner.start(shown("waiting"), kOne, waiting.taker());
    const JobId third = runner.start(shown("paused"), kOne, paused.taker());
    runner.pause(third);
    for (const JobId id : {third, second, first, first}) runner.cancel(id);
    for (Outcome* outcome : {&running, &waiting, &paused}) {
        outcome->wait();
        QCOMPARE(outcome->last.error().code, ErrorCode::Cancelled);
        QCOMPARE(outcome->nTimes.load(), 1);
    }
    QTRY_VERIFY(runner.jobs().empty());
}

void JobRunnerTest::result_atTheEndOfTheRunner_arrivesOnce() {
    Endless endless;
    Outcome running, waiting, paused;
    {
        JobRunner runner;
        runner.start(shown("running"), endless.work(), running.taker());
        endless.started.wait();
        runner.start(shown("waiting"), kOne, waiting.taker());
        runner.pause(runner.start(shown("paused"), kOne, paused.taker()));
    }
    for (Outcome* outcome : {&running, &waiting, &paused}) {
        QCOMPARE(outcome->nTimes.load(), 1);
        QCOMPARE(outcome->last.error().code, ErrorCode::Closed);
    }
}

void JobRunnerTest::result_underRacingCancels_arrivesOnce() {
    for (int round = 0; round < 50; ++round) {
        std::vector<std::unique_ptr<Outcome>> outcomes;
        {
            JobRunner runner;
            std::vector<JobId> ids;
            for (int index = 0; index < 12; ++index) {
                outcomes.push_back(std::make_unique<Outcome>());
                ids.push_back(
                    runner.start(shown("x", JobLane(index % 3)), kOne, outcomes.back()->taker()));
            }
            std::thread other([&] {
                for (const JobId id : ids) runner.cancel(id);
            });
            for (const JobId id : ids) runner.pause(id);
            other.join();
        }
        for (const auto& outcome : outcomes) QCOMPARE(outcome->nTimes.load(), 1);
    }
}

void JobRunnerTest::start_whileClosing_isRefused() {
    Outcome late;
    {
        auto runner = std::make_unique<JobRunner>();
        JobRunner* open = runner.get();
        Endless endless;
        runner->start(shown("a"), endless.work(),
                      [&](const Result<int>&) { open->start(shown("late"), kOne, late.taker()); });
        endless.started.wait();
        runner.reset();
    }
    QCOMPARE(late.nTimes.load(), 1);
    QCOMPARE(late.last.error().code, ErrorCode::Closed);
}

void JobRunnerTest::cancelAndWait_returnsBehindTheResult() {
    JobRunner runner;
    Endless endless;
    std::atomic<bool> isTold = false;
    const JobId id =
        runner.start(JobSpec{}, endless.work(), [&](const Result<int>&) { isTold = true; });
    endless.started.wait();
    runner.cancelAndWait(id);
    QVERIFY(isTold);
    runner.cancelAndWait(id);  // nothing to wait for
}

void JobRunnerTest::lanes_doNotWaitForOneAnother() {
    JobRunner runner;
    Endless disk;
    Outcome blocked, processor, network;
    const JobId id = runner.start(shown("disk"), disk.work(), blocked.taker());
    disk.started.wait();
    runner.start(shown("p", JobLane::Processor), kOne, processor.taker());
    runner.start(shown("n", JobLane::Network), kOne, network.taker());
    processor.wait();
    network.wait();
    QCOMPARE(blocked.nTimes.load(), 0);
    runner.cancelAndWait(id);
}

void JobRunnerTest::shortJobs_overtakeLongOnes() {
    JobRunner runner;
    Endless endless;
    Outcome longOne, shortOne;
    const JobId id = runner.start(shown("long"), endless.work(), longOne.taker());
    endless.started.wait();
    JobSpec quick;
    quick.isShort = true;
    runner.start(quick, kOne, shortOne.taker());
    shortOne.wait();
    QCOMPARE(longOne.nTimes.load(), 0);
    runner.cancelAndWait(id);
}

void JobRunnerTest::pause_callsTheWorkAgain() {
    JobRunner runner;
    std::atomic<int> nCalls = 0;
    Outcome outcome;
    const JobId id = runner.start(
        shown("a"),
        [&](JobContext& context) -> Result<int> {
            if (++nCalls == 2) return 2;
            context.setProgress({5, 10, JobUnit::Files});
            while (!context.isPausing() && !context.isCancelled()) std::this_thread::yield();
            return context.pause();
        },
        outcome.taker());
    QTRY_COMPARE(stateOf(runner, id), JobState::Running);
    runner.pause(id);
    QTRY_COMPARE(stateOf(runner, id), JobState::Paused);
    QCOMPARE(runner.jobs()[0].progress, (JobProgress{5, 10, JobUnit::Files}));
    QCOMPARE(outcome.nTimes.load(), 0);
    runner.resume(id);
    outcome.wait();
    QCOMPARE(outcome.last.value(), 2);
}

void JobRunnerTest::pause_whenResumedBeforeItTook_goesOn() {
    JobRunner runner;
    std::latch started(1), isResumed(1);
    std::atomic<int> nCalls = 0;
    Outcome outcome;
    const JobId id = runner.start(
        shown("a"),
        [&](JobContext& context) -> Result<int> {
            if (++nCalls == 2) return 2;
            started.count_down();
            isResumed.wait();  // it saw the wish to pause, and only now returns
            return context.pause();
        },
        outcome.taker());
    started.wait();
    runner.pause(id);
    runner.resume(id);
    isResumed.count_down();
    outcome.wait();
    QCOMPARE(outcome.last.value(), 2);
}

void JobRunnerTest::pause_leavesTheLaneToTheNext() {
    JobRunner runner;
    Endless endless;
    Outcome first, second;
    const JobId id = runner.start(shown("a"), endless.work(), first.taker());
    endless.started.wait();
    runner.start(shown("b"), kOne, second.taker());
    runner.pause(id);
    second.wait();
    QCOMPARE(stateOf(runner, id), JobState::Paused);
    runner.cancel(id);
    first.wait();
}

void JobRunnerTest::needYou_keepsTheJobUntilItIsResumed() {
    JobRunner runner;
    std::atomic<bool> isConnected = false;
    Outcome outcome;
    const JobId id = runner.start(
        shown("a"),
        [&](JobContext& context) -> Result<int> {
            if (!isConnected) return context.needYou({ErrorCode::Io, "Connection lost."});
            return 3;
        },
        outcome.taker());
    QTRY_COMPARE(stateOf(runner, id), JobState::NeedsYou);
    QCOMPARE(runner.jobs()[0].error->message, std::string("Connection lost."));
    QCOMPARE(outcome.nTimes.load(), 0);
    isConnected = true;
    runner.resume(id);
    outcome.wait();
    QCOMPARE(outcome.last.value(), 3);
}

void JobRunnerTest::resume_withoutAThread_asksAndCanBeTriedAgain() {
    MemoryStore store;
    store.save({{"known", "1", true}});
    bool isRefusing = true;
    JobRunner runner({.store = &store, .startThread = [&](std::function<void()> run) {
                          if (isRefusing)
                              throw std::system_error(
                                  std::make_error_code(std::errc::resource_unavailable_try_again));
                          return std::thread(std::move(run));
                      }});
    Outcome outcome;
    runner.registerKind("known", [&](const std::string&) -> Result<JobPlan> {
        return JobRunner::planOf(shown("1"), kOne, outcome.taker());
    });
    QVERIFY(runner.restore().has_value());
    const JobId id = runner.jobs()[0].id;
    QCOMPARE(runner.jobs()[0].state, JobState::Paused);
    runner.resume(id);
    QCOMPARE(runner.jobs()[0].state, JobState::NeedsYou);
    QCOMPARE(runner.jobs()[0].error->code, ErrorCode::OutOfMemory);
    QCOMPARE(outcome.nTimes.load(), 0);
    isRefusing = false;
    runner.resume(id);
    outcome.wait();
    QCOMPARE(outcome.last.value(), 1);
}

void JobRunnerTest::move_changesTheOrderOfWork() {
    JobRunner runner;
    Endless endless;
    Outcome first;
    const JobId running = runner.start(shown("r"), endless.work(), first.taker());
    endless.started.wait();
    std::mutex mutex;
    std::string order;
    Outcome outcomes[3];
    JobId ids[3];
    for (int index = 0; index < 3; ++index)
        ids[index] = runner.start(
            shown(std::string(1, char('a' + index)).c_str()),
            [&, index](JobContext&) -> Result<int> {
                const std::lock_guard lock(mutex);
                order += char('a' + index);
                return index;
            },
            outcomes[index].taker());
    runner.move(ids[2], -1);
    runner.move(ids[0], 1);
    runner.move(ids[2], -1);  // it is the first already
    runner.move(running, 1);  // does not wait
    QCOMPARE(subjects(runner), (std::vector<std::string>{"r", "c", "a", "b"}));
    runner.cancel(running);
    for (Outcome& outcome : outcomes) outcome.wait();
    QCOMPARE(order, std::string("cab"));
}

void JobRunnerTest::finished_staysInTheListUntilCleared() {
    JobRunner runner;
    Outcome good, bad;
    const JobId done = runner.start(shown("good"), kOne, good.taker());
    const JobId failed = runner.start(
        shown("bad"), [](JobContext&) -> Result<int> { return fail(ErrorCode::Io, "No."); },
        bad.taker());
    good.wait();
    bad.wait();
    QTRY_COMPARE(stateOf(runner, failed), JobState::Failed);
    QCOMPARE(stateOf(runner, done), JobState::Done);
    QCOMPARE(runner.jobs()[1].error->code, ErrorCode::Io);
    runner.clearFinished();
    QVERIFY(runner.jobs().empty());
}

void JobRunnerTest::restore_offersWhatWasUnfinished() {
    MemoryStore store;
    const auto registerOn = [](JobRunner& runner, Endless& endless) {
        runner.registerKind("endless", [&endless](const std::string& json) -> Result<JobPlan> {
            if (json.empty()) return fail(ErrorCode::InvalidArgument, "No parameters.");
            return JobRunner::planOf(
                shown(json.c_str()),
                [work = endless.work()](JobContext& context) mutable -> Result<int> {
                    context.setParameters("\"further\"");
                    return work(context);
                },
                [](const Result<int>&) {});
        });
    };
    {
        JobRunner runner({.store = &store});
        Endless endless;
        registerOn(runner, endless);
        QVERIFY(!runner.startKind("endless", ""));
        QVERIFY(!runner.startKind("unknown", "1"));
        QVERIFY(runner.startKind("endless", "\"first\"").has_value());
        endless.started.wait();
        const Result<JobId> paused = runner.startKind("endless", "\"paused\"");
        const Result<JobId> gone = runner.startKind("endless", "\"gone\"");
        runner.pause(*paused);
        runner.cancel(*gone);
        QTRY_COMPARE(store.records(), (std::vector<JobRecord>{{"endless", "\"further\"", false},
                                                              {"endless", "\"paused\"", true}}));
    }
    QCOMPARE(store.records().size(), std::size_t{2});
    JobRunner runner({.store = &store});
    Endless endless;
    registerOn(runner, endless);
    QVERIFY(runner.restore().has_value());
    endless.started.wait();
    QCOMPARE(subjects(runner), (std::vector<std::string>{"\"further\"", "\"paused\""}));
    QCOMPARE(runner.jobs()[1].state, JobState::Paused);
    QVERIFY(runner.jobs()[0].isDurable);
}

void JobRunnerTest::restore_keepsRecordsOfUnknownKinds() {
    MemoryStore store;
    const std::vector<JobRecord> kept{{"of a newer version", "{}", false}};
    store.save(kept);
    {
        JobRunner runner({.store = &store});
        QVERIFY(runner.restore().has_value());
        QVERIFY(runner.jobs().empty());
    }
    QCOMPARE(store.records(), kept);
}

void JobRunnerTest::restore_losesNoRecord_whicheverCannotBeOffered() {
    // Notes the shortest list that it was ever given: a power cut may come behind any of them.
    struct WatchedStore final : JobStore {
        Result<std::vector<JobRecord>> load() override { return inner.load(); }
        void save(std::vector<JobRecord> records) override {
            nFewest = std::min(nFewest, records.size());
            inner.save(std::move(records));
        }
        MemoryStore inner;
        std::size_t nFewest = 9;
    } store;
    store.inner.save({{"refused", "1", true},
                      {"known", "2", true},
                      {"refused", "broken", true},
                      {"known", "3", true}});
    JobRunner runner({.store = &store});
    runner.registerKind("refused", [](const std::string& json) -> Result<JobPlan> {
        if (json == "broken") return fail(ErrorCode::InvalidArgument, "No number.");
        return fail(ErrorCode::FileNotFound, "The disk is not there.");
    });
    runner.registerKind("known", [](const std::string& json) -> Result<JobPlan> {
        return JobRunner::planOf(shown(json.c_str()), kOne, [](const Result<int>&) {});
    });
    QVERIFY(runner.restore().has_value());
    QCOMPARE(subjects(runner), (std::vector<std::string>{"2", "3"}));
    // Also where no job has run yet.
    for (const JobInfo& job : runner.jobs()) QCOMPARE(job.state, JobState::Paused);
    QCOMPARE(store.nFewest, std::size_t{3});
    QVERIFY(std::ranges::count(store.inner.records(), std::string("refused"), &JobRecord::kind) ==
            1);
}

void JobRunnerTest::cancelAndWait_leavesNothingOfDone() {
    JobRunner runner;
    for (int round = 0; round < 200; ++round) {
        auto held = std::make_shared<int>(0);
        const std::weak_ptr<int> left = held;
        Endless endless;
        const JobId id = runner.start(shown("endless"), endless.work(),
                                      [held = std::move(held)](const Result<int>&) {});
        endless.started.wait();
        runner.cancelAndWait(id);
        QVERIFY(left.expired());
    }
}

void JobRunnerTest::closing_keepsOnlyUnfinishedRecords() {
    MemoryStore store;
    std::latch started(1);
    {
        JobRunner runner({.store = &store});
        // The first ends well although it is told to stop, the second waits behind it.
        runner.registerKind("done", [&](const std::string&) -> Result<JobPlan> {
            return JobRunner::planOf(
                shown("done"),
                [&](JobContext& context) -> Result<int> {
                    started.count_down();
                    while (!context.isCancelled()) std::this_thread::yield();
                    return 1;
                },
                [](const Result<int>&) {});
        });
        runner.registerKind("waits", [](const std::string&) -> Result<JobPlan> {
            return JobRunner::planOf(shown("waits"), kOne, [](const Result<int>&) {});
        });
        QVERIFY(runner.startKind("done", "1").has_value());
        started.wait();
        QVERIFY(runner.startKind("waits", "2").has_value());
    }
    QCOMPARE(store.records(), (std::vector<JobRecord>{{"waits", "2", false}}));
}

void JobRunnerTest::storageJobStore_keepsOverARestart_data() {
    QTest::addColumn<QString>("left");
    QTest::addColumn<int>("nRecords");
    QTest::newRow("nothing") << "" << 0;
    QTest::newRow("no list") << "{}" << 0;
    QTest::newRow("what this version writes")
        << R"([{"kind": "a", "parameters": "{\"x\": 1}", "isPaused": true}])" << 1;
    QTest::newRow("entries that are no jobs") << R"([1, {"kind": 2}, {"kind": "a"}])" << 1;
}

void JobRunnerTest::storageJobStore_keepsOverARestart() {
    QFETCH(QString, left);
    QFETCH(int, nRecords);
    auto storage = storage::Storage::open(storage::StorageOptions::inMemory());
    QVERIFY(storage.has_value());
    if (!left.isEmpty())
        QVERIFY((*storage)
                    ->call([&](storage::Database& database) {
                        return database.settings().set("jobs.open", left.toStdString());
                    })
                    .has_value());
    StorageJobStore store(**storage);
    auto records = store.load();
    QVERIFY(records.has_value());
    QCOMPARE(int(records->size()), nRecords);
    // Again what it kept itself; a byte that is no UTF-8 is replaced.
    records->push_back({"b", "caf\xe9", false});
    store.save(*records);
    const auto again = store.load();
    QVERIFY(again.has_value());
    QCOMPARE(int(again->size()), nRecords + 1);
    if (nRecords > 0) QCOMPARE((*again)[0], (*records)[0]);
    QCOMPARE(again->back().parametersJson, std::string("caf\xef\xbf\xbd"));
    store.save({});
    QVERIFY(store.load()->empty());
}

QTEST_APPLESS_MAIN(JobRunnerTest)
#include "job_runner_test.moc"

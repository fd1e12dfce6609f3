// Quantizing as a job: the new file is there whole or not at all, whatever ends it, and a restart
// begins again what was cut off.
#include "app/core/jobs/quantize_jobs.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#ifdef Q_OS_UNIX
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#include "base/atomic_file.h"
#include "engine/api/inspect.h"
#include "engine/gguf/gguf_reader.h"
#include "tests/support/golden_files.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;
namespace fs = std::filesystem;

namespace {

constexpr int kLong = 240'000;  // ms: of a machine that does much else

struct KeptRecords : JobStore {
    Result<std::vector<JobRecord>> load() override {
        const std::lock_guard lock(mutex);
        return records;
    }
    void save(std::vector<JobRecord> next) override {
        const std::lock_guard lock(mutex);
        records = std::move(next);
    }
    std::mutex mutex;
    std::vector<JobRecord> records;  // guarded by mutex
};

// The first end that is told.
struct FirstOutcome {
    explicit FirstOutcome(QuantizeJobs& jobs) {
        jobs.setListener([promise = promise](const QuantizeOutcome& outcome) {
            promise->set_value(outcome);  // throws when it is told twice
        });
    }
    QuantizeOutcome wait() { return promise->get_future().get(); }
    std::shared_ptr<std::promise<QuantizeOutcome>> promise =
        std::make_shared<std::promise<QuantizeOutcome>>();
};

}  // namespace

class QuantizeJobsTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        test::TinyModel model;
        model.nEmbd = model.nFf = 256;
        model.headDim = 64;
        const auto made = test::writeTinyModel(test::withTypes(model, DType::F16), at("f16.gguf"));
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    }

    void newFile_isWholeAndInTheList() {
        JobRunner runner;
        QuantizeJobs jobs(runner);
        FirstOutcome outcome(jobs);
        const auto job = jobs.start(order());
        QVERIFY(job.has_value());
        const QuantizeOutcome made = outcome.wait();
        QVERIFY2(made.report.has_value(), made.report ? "" : made.report.error().message.c_str());
        QVERIFY(made.order == order());
        QCOMPARE(fs::file_size(at("new.gguf")), std::uintmax_t{made.report->fileBytes});
        LoadOptions load;
        load.path = at("new.gguf");
        const auto info = inspectModel(load);
        QVERIFY(info.has_value());
        QCOMPARE(info->quantization, std::string("Q4_K_M"));
        QTRY_COMPARE(runner.jobs().size(), std::size_t{1});
        const JobInfo told = runner.jobs().front();
        QCOMPARE(told.spec.subject, std::string("Tiny"));
        QCOMPARE(told.spec.formats, std::vector<std::string>{"Q4_K_M"});
        QVERIFY(told.spec.isShown);
        QCOMPARE(told.spec.source, at("f16.gguf").string());
        QCOMPARE(told.spec.made, at("new.gguf").string());
        QCOMPARE(told.spec.reads, std::vector<std::string>{at("f16.gguf").string()});
        QCOMPARE(told.progress.total, made.report->fileBytes);  // as its row says in the end
        QCOMPARE(names(), (QStringList{"f16.gguf", "new.gguf"}));
    }

    void fileOfThatName_stays() {
        QVERIFY(test::writeBytes(at("new.gguf"), std::vector<std::byte>(10)));
        JobRunner runner;
        QuantizeJobs jobs(runner);
        FirstOutcome outcome(jobs);
        QVERIFY(jobs.start(order()).has_value());
        const QuantizeOutcome refused = outcome.wait();
        QVERIFY(!refused.report.has_value());
        QCOMPARE(refused.report.error().code, ErrorCode::InvalidArgument);
        QVERIFY(refused.report.error().message.find("new.gguf") != std::string::npos);
        QCOMPARE(fs::file_size(at("new.gguf")), std::uintmax_t{10});
    }

    void failure_leavesNothing() {
        JobRunner runner;
        QuantizeJobs jobs(runner);
        FirstOutcome outcome(jobs);
        QuantizeOrder bad = order();
        bad.type = "IQ1_S";  // which needs an importance matrix
        QVERIFY(jobs.start(bad).has_value());
        QVERIFY(!outcome.wait().report.has_value());
        QCOMPARE(names(), QStringList{"f16.gguf"});
    }

    // It stands still with the half of its file, the processor's other jobs go on, and it ends as
    // if nothing had been.
    void pausedOne_keepsWhatItHas() {
        writeLongModel();
        JobRunner runner;
        QuantizeJobs jobs(runner);
        FirstOutcome outcome(jobs);
        const auto job = jobs.start(longOrder());
        QVERIFY(job.has_value());
        QTRY_VERIFY_WITH_TIMEOUT(runner.jobs().front().progress.done > 0, kLong);
        runner.pause(*job);
        QTRY_COMPARE_WITH_TIMEOUT(runner.jobs().front().state, JobState::Paused, kLong);
        const JobInfo still = runner.jobs().front();
        QVERIFY(still.progress.done > 0 && still.progress.done < still.progress.total);
        QCOMPARE(names().size(), qsizetype{3});  // both models and the half
        std::promise<void> other;
        runner.start(
            JobSpec{.lane = JobLane::Processor}, [](JobContext&) -> Result<int> { return 1; },
            [&other](const Result<int>&) { other.set_value(); });
        other.get_future().wait();
        QCOMPARE(runner.jobs().front().progress.done, still.progress.done);
        runner.resume(*job);
        const QuantizeOutcome made = outcome.wait();
        QVERIFY2(made.report.has_value(), made.report ? "" : made.report.error().message.c_str());
        QuantizeOptions whole = optionsOf(longOrder());
        whole.target = at("whole.gguf");
        QVERIFY(quantizeModel(whole, {}).has_value());
        QVERIFY(test::readBytes(at("new.gguf")) == test::readBytes(at("whole.gguf")));
    }

    void pausedOne_isCancelled_data() {
        QTest::addColumn<bool>("isByTheProgramsEnd");
        QTest::newRow("by a person") << false;
        QTest::newRow("by the end of the program") << true;
    }
    void pausedOne_isCancelled() {
        QFETCH(const bool, isByTheProgramsEnd);
        writeLongModel();
        KeptRecords store;
        {
            JobRunner runner({.store = &store});
            QuantizeJobs jobs(runner);
            const auto job = jobs.start(longOrder());
            QVERIFY(job.has_value());
            QTRY_VERIFY_WITH_TIMEOUT(runner.jobs().front().progress.done > 0, kLong);
            runner.pause(*job);
            QTRY_COMPARE_WITH_TIMEOUT(runner.jobs().front().state, JobState::Paused, kLong);
            if (!isByTheProgramsEnd) runner.cancelAndWait(*job);
        }
        QCOMPARE(names(), (QStringList{"f16.gguf", "long.gguf"}));
        // What the program's end cut off is offered again, standing still.
        QCOMPARE(store.load()->size(), std::size_t{isByTheProgramsEnd ? 1U : 0U});
        if (isByTheProgramsEnd) QVERIFY(store.load()->front().isPaused);
    }

    // Whoever gives it up, the window, waits neither for its thread nor for the disk.
    void givenUpOne_isClearedAwayLater() {
        writeLongModel();
        std::vector<std::function<void()>> later;
        JobRunner runner;
        QuantizeJobs jobs(runner, [&later](auto work) { later.push_back(std::move(work)); });
        FirstOutcome outcome(jobs);
        const auto job = jobs.start(longOrder());
        QVERIFY(job.has_value());
        QTRY_VERIFY_WITH_TIMEOUT(runner.jobs().front().progress.done > 0, kLong);
        runner.pause(*job);
        QTRY_COMPARE_WITH_TIMEOUT(runner.jobs().front().state, JobState::Paused, kLong);
        runner.cancel(*job);
        QCOMPARE(outcome.wait().report.error().code, ErrorCode::Cancelled);
        QCOMPARE(names().size(), qsizetype{3});  // with the half, which its thread still holds
        for (const auto& work : later) work();
        QCOMPARE(names(), (QStringList{"f16.gguf", "long.gguf"}));
    }

    void waitingOnesLeftovers_areClearedAwayLater() {
        leaveBehind();
        std::vector<std::function<void()>> later;
        JobRunner runner;
        QuantizeJobs jobs(runner, [&later](auto work) { later.push_back(std::move(work)); });
        std::promise<void> gate;
        block(runner, gate.get_future().share());
        FirstOutcome outcome(jobs);
        const auto job = jobs.start(order());
        QVERIFY(job.has_value());
        runner.cancel(*job);
        QCOMPARE(outcome.wait().report.error().code, ErrorCode::Cancelled);
        QCOMPARE(names().size(), qsizetype{2});
        for (const auto& work : later) work();
        QCOMPARE(names(), QStringList{"f16.gguf"});
        gate.set_value();
    }

    // A target, and an importance matrix that is measured on the way and kept.
    void target_isReachedWithAMeasuredMatrix() {
        const QuantizeOrder wanted = measuredOrder();
        JobRunner runner;
        QuantizeJobs jobs(runner);
        FirstOutcome outcome(jobs);
        QVERIFY(jobs.start(wanted).has_value());
        QCOMPARE(runner.jobs().front().spec.formats, std::vector<std::string>{"5.5 bpw"});
        const QuantizeOutcome made = outcome.wait();
        QVERIFY2(made.report.has_value(), made.report ? "" : made.report.error().message.c_str());
        QVERIFY(made.order == wanted);
        QVERIFY(made.report->bitsPerWeight <= 5.5);
        QVERIFY(made.report->spent && made.report->spent->isMeasured);
        QVERIFY(fs::exists(measuredImportance(wanted)));
        // The second time it is there.
        const auto time = fs::last_write_time(measuredImportance(wanted));
        QVERIFY(fs::remove(at("new.gguf")));
        FirstOutcome again(jobs);
        QVERIFY(jobs.start(wanted).has_value());
        QVERIFY(again.wait().report.has_value());
        QVERIFY(fs::last_write_time(measuredImportance(wanted)) == time);
    }

    // Another model of this name, or another text: what lies there is not what is wanted.
    void matrixOfSomethingElse_isNotTaken_data() {
        QTest::addColumn<bool>("isOtherModel");
        QTest::newRow("another model of this name") << true;
        QTest::newRow("another text") << false;
    }
    void matrixOfSomethingElse_isNotTaken() {
        QFETCH(const bool, isOtherModel);
        JobRunner runner;
        QuantizeJobs jobs(runner);
        QuantizeOrder wanted = measuredOrder();
        QVERIFY(isMade(jobs, wanted));
        const auto first = test::readBytes(measuredImportance(wanted));
        if (isOtherModel) {
            QVERIFY(fs::create_directory(at("other")));
            test::TinyModel model;
            model.nEmbd = model.nFf = 256;
            model.headDim = 64;
            model.seed += 1;
            wanted.source = at("other") / "f16.gguf";
            QVERIFY(test::writeTinyModel(test::withTypes(model, DType::F16), wanted.source));
        } else {
            writeText("the dog sat and the cat ran to it. ");
        }
        wanted.target = at("second.gguf");
        QVERIFY(isMade(jobs, wanted));
        QVERIFY(test::readBytes(measuredImportance(wanted)) == first);
        const auto second = test::readBytes(measuredImportance(wanted, 2));
        QVERIFY(!second.empty() && second != first);
        wanted.target = at("third.gguf");
        QVERIFY(isMade(jobs, wanted));
        QVERIFY(!fs::exists(measuredImportance(wanted, 3)));
    }

    // One without what an error costs serves a type, and one with it both.
    void matrixWithoutSensitivities_isNotTakenForATarget() {
        JobRunner runner;
        QuantizeJobs jobs(runner);
        QuantizeOrder typed = measuredOrder();
        typed.type = "Q4_K_M";
        typed.budget = {};
        QVERIFY(isMade(jobs, typed));
        QuantizeOrder wanted = measuredOrder();
        wanted.target = at("second.gguf");
        std::optional<QuantizeReport> report = reportOf(jobs, wanted);
        QVERIFY(report && report->spent && report->spent->isMeasured);
        QVERIFY(fs::exists(measuredImportance(wanted, 2)));
        QVERIFY(fs::remove(measuredImportance(wanted)));
        fs::rename(measuredImportance(wanted, 2), measuredImportance(wanted));
        typed.target = at("third.gguf");
        QVERIFY(isMade(jobs, typed));
        QVERIFY(!fs::exists(measuredImportance(wanted, 2)));
    }

    void waitingOne_isCancelled() {
        JobRunner runner;
        QuantizeJobs jobs(runner);
        std::promise<void> gate;
        block(runner, gate.get_future().share());
        FirstOutcome outcome(jobs);
        const auto job = jobs.start(order());
        QVERIFY(job.has_value());
        runner.cancel(*job);
        QCOMPARE(outcome.wait().report.error().code, ErrorCode::Cancelled);
        gate.set_value();
        QCOMPARE(names(), QStringList{"f16.gguf"});
    }

    // What the end of the program cut off is begun again by the next one, and what a killed one
    // left of it goes.
    void restart_beginsAgain() {
        KeptRecords store;
        {
            std::promise<void> gate;
            JobRunner runner({.store = &store});
            QuantizeJobs jobs(runner);
            block(runner, gate.get_future().share());
            QVERIFY(jobs.start(gptqOrder()).has_value());
        }
        QCOMPARE(store.load()->size(), std::size_t{1});
        leaveBehind();
        JobRunner runner({.store = &store});
        QuantizeJobs jobs(runner);
        FirstOutcome outcome(jobs);
        QVERIFY(runner.restore().has_value());
        const QuantizeOutcome made = outcome.wait();
        QVERIFY2(made.report.has_value(), made.report ? "" : made.report.error().message.c_str());
        QVERIFY(made.order == gptqOrder());
        QCOMPARE(names(), (QStringList{"f16.gguf", "new.gguf", "text.txt"}));
    }

    // The text is read, stays, and the file says so.
    void errorFeedback_readsItsText() {
        JobRunner runner;
        QuantizeJobs jobs(runner);
        const QuantizeOrder wanted = gptqOrder();
        const auto report = reportOf(jobs, wanted);
        QVERIFY(report.has_value());
        QVERIFY(std::ranges::any_of(report->tensors, &QuantizedTensor::isFedBack));
        QTRY_COMPARE(runner.jobs().size(), std::size_t{1});
        const std::vector<std::string> reads{wanted.source.string(), wanted.calibration.string()};
        QCOMPARE(runner.jobs().front().spec.reads, reads);
        const auto made = GgufFile::open(wanted.target);
        QVERIFY(made.has_value());
        QVERIFY(made->metadata().string("sotto.quantize.calibration") ==
                std::string_view("text.txt"));
        // Nothing is made over it, nor without it.
        QuantizeOrder over = wanted;
        over.target = wanted.calibration;
        const std::string before = test::contentOf(wanted.calibration);
        QVERIFY(!reportOf(jobs, over).has_value());
        QCOMPARE(test::contentOf(wanted.calibration), before);
        QuantizeOrder without = wanted;
        without.target = at("other.gguf");
        without.calibration = at("gone.txt");
        QVERIFY(!reportOf(jobs, without).has_value());
        QCOMPARE(names(), (QStringList{"f16.gguf", "new.gguf", "text.txt"}));
    }

    void damagedRecord_isDropped() {
        KeptRecords store;
        store.records = {{"quantize", "{\"source\": 1}", false}, {"quantize", "[", false}};
        JobRunner runner({.store = &store});
        QuantizeJobs jobs(runner);
        QVERIFY(runner.restore().has_value());
        QVERIFY(runner.jobs().empty());
        QVERIFY(store.load()->empty());
    }

private:
    fs::path at(const char* name) const { return fs::path(m_folder->path().toStdString()) / name; }
    QStringList names() const {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    QuantizeOrder order() const {
        QuantizeOrder wanted;
        wanted.source = at("f16.gguf");
        wanted.target = at("new.gguf");
        wanted.type = "Q4_K_M";
        wanted.name = "Tiny";
        return wanted;
    }
    QuantizeOrder gptqOrder() const {
        writeText("the cat sat on the mat and the dog ran. ");
        QuantizeOrder wanted = order();
        wanted.method = ModelMethod::Gptq;
        wanted.calibration = at("text.txt");
        return wanted;
    }
    // For a target, with a matrix that is measured first.
    QuantizeOrder measuredOrder() const {
        writeText("the cat sat on the mat and the dog ran. ");
        QuantizeOrder wanted = order();
        wanted.type.clear();
        wanted.budget.bitsPerWeight = 5.5;
        wanted.budget.isForMemory = true;
        wanted.measuredText = at("text.txt");
        return wanted;
    }
    void writeText(const char* line) const {
        std::string text;
        for (int nLines = 0; nLines < 150; ++nLines) text += line;
        const auto bytes = std::as_bytes(std::span(text));
        QVERIFY(test::writeBytes(at("text.txt"), {bytes.begin(), bytes.end()}));
    }
    static std::optional<QuantizeReport> reportOf(QuantizeJobs& jobs, const QuantizeOrder& order) {
        FirstOutcome outcome(jobs);
        if (!jobs.start(order)) return std::nullopt;
        const QuantizeOutcome made = outcome.wait();
        if (made.report) return *made.report;
        qWarning("%s", made.report.error().message.c_str());
        return std::nullopt;
    }
    static bool isMade(QuantizeJobs& jobs, const QuantizeOrder& order) {
        return reportOf(jobs, order).has_value();
    }
    // Four pieces of 16 MB, each of half a second: some are left when the first has been seen.
    void writeLongModel() {
        test::TinyModel model;
        model.nEmbd = model.nFf = 256;
        model.headDim = 64;
        model.nVocab = 1 << 17;
        const auto made = test::writeTinyModel(test::withTypes(model, DType::F16), at("long.gguf"));
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    }
    QuantizeOrder longOrder() const {
        QuantizeOrder order = this->order();
        order.source = at("long.gguf");
        order.type = "Q6_K";
        return order;
    }
    // The lane is taken until `gate` opens, or the job is cancelled.
    static void block(JobRunner& runner, std::shared_future<void> gate) {
        JobSpec spec;
        spec.lane = JobLane::Processor;
        const auto started = std::make_shared<std::promise<void>>();
        runner.start(
            spec,
            [gate, started](JobContext& context) -> Result<int> {
                started->set_value();
                while (!context.isCancelled() &&
                       gate.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
                }
                return 1;
            },
            [](const Result<int>&) {});
        started->get_future().wait();
    }
    // As a program that is killed while it writes.
    void leaveBehind() {
#ifdef Q_OS_UNIX
        const fs::path target = at("new.gguf");
        const pid_t child = ::fork();
        if (child == 0) {
            auto file = AtomicFile::create(target);
            if (file) static_cast<void>(file->append(std::vector<std::byte>(1000)));
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));
#else
        QVERIFY(test::writeBytes(at("new.gguf.123-0.part"), std::vector<std::byte>(1000)));
#endif
        QVERIFY(names().size() >= 2);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(QuantizeJobsTest)
#include "quantize_jobs_test.moc"

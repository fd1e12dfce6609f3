// The list of jobs: order, texts in both languages, what can be done with a row, and what the
// closing window is told. The model is watched by QAbstractItemModelTester all the time.
#include "app/jobs/job_list_model.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>
#include <QTest>
#include <algorithm>

#include "app/jobs/job_texts.h"
#include "app/jobs/quantization_list.h"
#include "app/system/number_format.h"
#include "app/system/translation.h"
#include "tests/app/jobs/test_jobs.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr JobProgress kHalf{7'170'000'000, 14'330'000'000, JobUnit::Bytes};

// Destroyed from below: the model before the runner, the gate after its jobs.
struct Program {
    JobGate gate;
    JobRunner runner;
    JobListModel model{runner};
    QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};

    QVariant at(int row, JobListModel::Role role) const {
        return model.data(model.index(row), role);
    }
    QStringList titles() const {
        QStringList titles;
        for (int row = 0; row < model.rowCount(); ++row)
            titles << at(row, JobListModel::TitleRole).toString();
        return titles;
    }
    int state(int row) const { return at(row, JobListModel::StateRole).toInt(); }
    double id(int row) const { return at(row, JobListModel::JobIdRole).toDouble(); }
};

JobSpec download(const char* subject) {
    return shownJob("download", subject, JobLane::Disk, {"Q4_K_M"});
}

QString plain(QString text) { return text.replace(QChar(0x00A0), QLatin1Char(' ')); }

}  // namespace

class JobListModelTest : public QObject {
    Q_OBJECT

private slots:
    void rows_areShownJobsInTheOrderOfTheirSections();
    void rows_keepTheirPlaceWhileTheyMove();
    void texts_sayHowFarAJobIs();
    void texts_areThereInBothLanguages();
    void titles_nameVerbAndObject();
    void pace_isSpeedAndTimeLeft();
    void actions_reachTheRunner();
    void pauseAll_startsNothing();
    void openJobs_sayWhatClosingKeeps();
    void quantizations_tellWhatCanBeDoneWithThem();
    void measuring_isAPhase_data();
    void measuring_isAPhase();
};

void JobListModelTest::rows_areShownJobsInTheOrderOfTheirSections() {
    Program program;
    QSignalSpy changed(&program.model, &JobListModel::summaryChanged);
    QCOMPARE(program.model.count(), 0);
    startEnding(program.runner, download("done"), kHalf, Ending::Done);
    startEnding(program.runner, download("failed"), kHalf, Ending::Failed, {ErrorCode::Io, "No."});
    startEnding(program.runner, download("needs"), kHalf, Ending::NeedsYou,
                {ErrorCode::Io, "Connection lost."});
    JobSpec hidden;
    hidden.lane = JobLane::Processor;
    startStanding(program.runner, hidden, {}, program.gate);
    QTRY_COMPARE(program.titles(), (QStringList{"needs", "failed", "done"}));
    startStanding(program.runner, download("running"), kHalf, program.gate);
    startStanding(program.runner, download("waiting"), {}, program.gate);
    const JobId paused = startStanding(program.runner, download("paused"), {}, program.gate);
    program.runner.pause(paused);
    QTRY_COMPARE(program.titles(),
                 (QStringList{"needs", "failed", "running", "waiting", "paused", "done"}));
    // What stands over each, what it looks like, and what it can be asked for.
    const struct {
        const char* heading;
        JobListModel::Tone tone;
        bool isOver, hasBar;
    } rows[] = {{"Needs you", JobListModel::Trouble, false, true},
                {"Failed", JobListModel::Trouble, true, true},
                {"Running", JobListModel::Active, false, true},
                {"Waiting", JobListModel::Quiet, false, false},
                {"Paused", JobListModel::Quiet, false, false},
                {"", JobListModel::Finished, true, false}};
    for (int row = 0; row < program.model.count(); ++row) {
        const auto& expected = rows[row];
        QTRY_COMPARE(program.at(row, JobListModel::HeadingRole).toString(), expected.heading);
        QTRY_COMPARE(program.at(row, JobListModel::ToneRole).toInt(), int(expected.tone));
        QCOMPARE(program.at(row, JobListModel::IsOverRole).toBool(), expected.isOver);
        QTRY_COMPARE(program.at(row, JobListModel::HasBarRole).toBool(), expected.hasBar);
        QCOMPARE(program.at(row, JobListModel::NeedsYouRole).toBool(), row == 0);
        QCOMPARE(program.at(row, JobListModel::IsWaitingRole).toBool(), row == 3);
    }
    QCOMPARE(program.at(0, JobListModel::StateTextRole).toString(),
             QStringLiteral("Connection lost."));
    QCOMPARE(program.model.openCount(), 4);
    QCOMPARE(program.model.finishedCount(), 2);
    QVERIFY(program.model.needsYou());
    QTRY_COMPARE(program.model.summary(), QStringLiteral("1 running, 1 waiting"));
    QCOMPARE(program.model.spokenSummary(),
             QStringLiteral("A job needs you. 1 running, 1 waiting"));
    QTRY_VERIFY(qAbs(program.model.share() - 0.5) < 0.001);
    QVERIFY(!changed.isEmpty());
    program.model.clearFinished();
    QTRY_COMPARE(program.model.finishedCount(), 0);
}

void JobListModelTest::rows_keepTheirPlaceWhileTheyMove() {
    Program program;
    startStanding(program.runner, download("r"), {}, program.gate);
    for (const char* name : {"a", "b", "c"})
        startStanding(program.runner, download(name), {}, program.gate);
    QTRY_COMPARE(program.titles(), (QStringList{"r", "a", "b", "c"}));
    QTRY_COMPARE(program.state(0), int(JobListModel::Running));
    QSignalSpy moved(&program.model, &QAbstractItemModel::rowsMoved);
    QSignalSpy inserted(&program.model, &QAbstractItemModel::rowsInserted);
    QVERIFY(program.at(3, JobListModel::CanMoveEarlierRole).toBool());
    QVERIFY(!program.at(3, JobListModel::CanMoveLaterRole).toBool());
    QVERIFY(!program.at(1, JobListModel::CanMoveEarlierRole).toBool());
    program.model.moveEarlier(program.id(3));
    QTRY_COMPARE(program.titles(), (QStringList{"r", "a", "c", "b"}));
    program.model.moveLater(program.id(1));
    QTRY_COMPARE(program.titles(), (QStringList{"r", "c", "a", "b"}));
    QCOMPARE(moved.size(), 2);
    QVERIFY(inserted.isEmpty());
    QCOMPARE(program.at(1, JobListModel::StateTextRole).toString(), QStringLiteral("after r"));
    QCOMPARE(program.at(2, JobListModel::StateTextRole).toString(), QStringLiteral("after c"));
}

void JobListModelTest::texts_sayHowFarAJobIs() {
    NumberFormat format;
    const JobAmount bytes = jobAmount(kHalf, false, format);
    QCOMPARE(bytes.done, QStringLiteral("7.17"));
    QCOMPARE(plain(bytes.sentence), QStringLiteral("%1 of 14.33 GB"));
    QCOMPARE(plain(bytes.whole()), QStringLiteral("7.17 of 14.33 GB"));
    QCOMPARE(plain(jobAmount(kHalf, true, format).whole()),
             QStringLiteral("7.17 of 14.33 GB kept"));
    // Both in the unit of the whole.
    QCOMPARE(plain(jobAmount({90'000'000, 1'500'000'000, JobUnit::Bytes}, false, format).whole()),
             QStringLiteral("0.09 of 1.50 GB"));
    QCOMPARE(jobAmount({612, 1304, JobUnit::Chats}, false, format).whole(),
             QStringLiteral("612 of 1,304 chats"));
    QVERIFY(jobAmount({5, 0, JobUnit::Bytes}, false, format).whole().isEmpty());
    QVERIFY(jobAmount({5, 10, JobUnit::None}, false, format).whole().isEmpty());
}

void JobListModelTest::texts_areThereInBothLanguages() {
    Program program;
    startStanding(program.runner, shownJob("quantize", "Qwen3 14B", JobLane::Disk, {"Q5_K_M"}),
                  {214, 443, JobUnit::Tensors}, program.gate);
    QTRY_COMPARE(program.titles(), QStringList{"Quantize Qwen3 14B"});
    QTRY_COMPARE(program.at(0, JobListModel::AmountAfterRole).toString(),
                 QStringLiteral(" of 443 tensors"));
    QCOMPARE(program.at(0, JobListModel::AmountBeforeRole).toString(), QString());
    QCOMPARE(program.at(0, JobListModel::SpokenTextRole).toString(),
             QStringLiteral("Quantize Qwen3 14B, Q5_K_M, Running, 214 of 443 tensors"));
    Translation translation;
    translation.setSetting("zh_CN");
    program.model.refresh();
    QCOMPARE(program.titles(), QStringList{QStringLiteral("量化 Qwen3 14B")});
    QCOMPARE(program.at(0, JobListModel::HeadingRole).toString(), QStringLiteral("进行中"));
    QVERIFY(
        program.at(0, JobListModel::AmountAfterRole).toString().contains(QStringLiteral("443")));
    QCOMPARE(program.model.summary(), QStringLiteral("1 个进行中"));
    translation.setSetting("en");
}

void JobListModelTest::titles_nameVerbAndObject() {
    QCOMPARE(jobTitle(shownJob("download", "Phi-4", JobLane::Network)), QStringLiteral("Phi-4"));
    QCOMPARE(jobTitle(shownJob("import", "ChatGPT", JobLane::Disk)),
             QStringLiteral("Import from ChatGPT"));
    for (const char* kind : {"download", "quantize", "compare", "import", "export", "other"})
        QVERIFY2(QFile::exists(QStringLiteral(SOTTO_SOURCE_DIR "/resources/icons/") +
                               jobIcon(kind) + QStringLiteral(".svg")),
                 kind);
}

void JobListModelTest::pace_isSpeedAndTimeLeft() {
    NumberFormat format;
    QVERIFY(jobPace(kHalf, std::nullopt, format).isEmpty());
    QVERIFY(jobPace(kHalf, 0.0, format).isEmpty());
    QVERIFY(jobPace({5000, 0, JobUnit::Bytes}, 10.0, format).isEmpty());
    QCOMPARE(plain(jobPace(kHalf, 48.2e6, format)), QStringLiteral("48.2 MB/s, 2 min 29 s left"));
    QCOMPARE(jobPace({214, 443, JobUnit::Tensors}, 3.5, format), QStringLiteral("1 min 5 s left"));
}

void JobListModelTest::actions_reachTheRunner() {
    Program program;
    startStanding(program.runner, download("a"), kHalf, program.gate);
    QTRY_VERIFY(program.model.count() == 1 && program.at(0, JobListModel::CanPauseRole).toBool());
    QVERIFY(!program.at(0, JobListModel::CanResumeRole).toBool());
    program.model.pause(program.id(0));
    QTRY_COMPARE(program.state(0), int(JobListModel::Paused));
    QCOMPARE(plain(program.at(0, JobListModel::SideTextRole).toString()),
             QStringLiteral("7.17 of 14.33 GB kept"));
    QVERIFY(program.at(0, JobListModel::CanResumeRole).toBool());
    program.model.resume(program.id(0));
    QTRY_COMPARE(program.state(0), int(JobListModel::Running));
    program.gate.isOpen = true;
    QTRY_COMPARE(program.state(0), int(JobListModel::Done));
    program.model.cancel(program.id(0));
    QTRY_COMPARE(program.model.count(), 0);
}

void JobListModelTest::pauseAll_startsNothing() {
    Program program;
    startStanding(program.runner, download("a"), kHalf, program.gate);
    startStanding(program.runner, download("b"), kHalf, program.gate);
    QTRY_COMPARE(program.model.summary(), QStringLiteral("1 running, 1 waiting"));
    QVERIFY(program.model.canPauseAll());
    program.model.pauseAll();
    QTRY_COMPARE(program.state(0), int(JobListModel::Paused));
    QTRY_COMPARE(program.state(1), int(JobListModel::Paused));
    QVERIFY(!program.model.canPauseAll());
    QVERIFY(program.at(1, JobListModel::SideTextRole).toString().isEmpty());  // it never ran
    QCOMPARE(program.model.summary(), QString());
}

void JobListModelTest::openJobs_sayWhatClosingKeeps() {
    Program program;
    program.runner.registerKind("download", [&](const std::string&) -> Result<JobPlan> {
        return JobRunner::planOf(
            shownJob("download", "durable", JobLane::Network),
            [](JobContext& context) -> Result<int> {
                context.setProgress(kHalf);
                return context.needYou({ErrorCode::Io, "Connection lost."});
            },
            [](const Result<int>&) {});
    });
    startEnding(program.runner, download("over"), kHalf, Ending::Done);
    startStanding(program.runner, download("cut"), kHalf, program.gate);
    QVERIFY(program.runner.startKind("download", "{}").has_value());
    program.runner.registerKind("quantize", [&](const std::string&) -> Result<JobPlan> {
        JobSpec spec = shownJob("quantize", "again", JobLane::Processor);
        spec.isBegunAnew = true;  // it can stand still, but not beyond the program
        return JobRunner::planOf(
            spec,
            [](JobContext& context) -> Result<int> {
                context.setProgress(kHalf);
                return context.needYou({ErrorCode::DiskFull, "The disk is full."});
            },
            [](const Result<int>&) {});
    });
    QVERIFY(program.runner.startKind("quantize", "{}").has_value());
    QTRY_COMPARE(program.model.count(), 4);
    QTRY_COMPARE(program.model.finishedCount(), 1);
    QTRY_COMPARE(std::ranges::count(program.runner.jobs(), JobState::NeedsYou, &JobInfo::state), 2);
    std::vector<OpenJob> open = program.model.openJobs();
    const auto again = std::ranges::find(open, QStringLiteral("Quantize again"), &OpenJob::title);
    QVERIFY(again != open.end());
    QVERIFY(!again->canGoOn && again->keptText.isEmpty());
    open.erase(again);
    QCOMPARE(open.size(), std::size_t{2});
    QCOMPARE(open[0].title, QStringLiteral("durable"));
    QVERIFY(open[0].canGoOn);
    QCOMPARE(plain(open[0].keptText), QStringLiteral("7.17 of 14.33 GB kept"));
    QCOMPARE(open[1].title, QStringLiteral("cut"));
    QVERIFY(!open[1].canGoOn);
    QVERIFY(open[1].keptText.isEmpty());
}

// By what is installed now.
void JobListModelTest::quantizations_tellWhatCanBeDoneWithThem() {
    Program program;
    ModelListModel models;
    QuantizationList list;
    const QAbstractItemModelTester tester(&list,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    list.setJobs(&program.model);
    list.setModels(&models);
    startEnding(program.runner, download("a"), kHalf, Ending::Done);
    JobSpec spec = shownJob("quantize", "Qwen3 8B", JobLane::Processor, {"Q4_K_M"});
    spec.source = "/m/f16.gguf";
    spec.made = "/m/new.gguf";
    startEnding(program.runner, spec, kHalf, Ending::Done);
    const auto at = [&list](int role) { return list.data(list.index(0, 0), role); };
    QTRY_VERIFY(list.rowCount() == 1 && !at(JobListModel::MadePathRole).toString().isEmpty());
    QVERIFY(at(JobListModel::HeadingRole).toString().isEmpty());
    QVERIFY(!at(QuantizationList::CanLoadRole).toBool());
    ModelEntry made, source;
    made.path = QStringLiteral("/m/new.gguf");
    source.path = QStringLiteral("/m/f16.gguf");
    QSignalSpy told(&list, &QAbstractItemModel::dataChanged);
    models.setEntries({made});
    QVERIFY(!told.isEmpty());
    QVERIFY(at(QuantizationList::CanLoadRole).toBool());
    QVERIFY(!at(QuantizationList::CanCompareRole).toBool());
    models.setEntries({made, source});
    QVERIFY(at(QuantizationList::CanCompareRole).toBool());
    QVERIFY(at(QuantizationList::CanRemoveSourceRole).toBool());
    source.isDemo = true;
    models.setEntries({made, source});
    QVERIFY(at(QuantizationList::CanCompareRole).toBool());
    QVERIFY(!at(QuantizationList::CanRemoveSourceRole).toBool());
}

void JobListModelTest::measuring_isAPhase_data() {
    QTest::addColumn<int>("unit");
    QTest::addColumn<QString>("word");
    QTest::newRow("importance") << int(JobUnit::Tokens) << QStringLiteral("importance");
    QTest::newRow("text") << int(JobUnit::ReadTokens) << QStringLiteral("text");
    QTest::newRow("samples") << int(JobUnit::Samples) << QStringLiteral("samples");
}

void JobListModelTest::measuring_isAPhase() {
    QFETCH(int, unit);
    QFETCH(QString, word);
    Program program;
    startStanding(program.runner, shownJob("quantize", "Qwen3 8B", JobLane::Processor),
                  {8'192, 32'768, JobUnit(unit)}, program.gate);
    QTRY_VERIFY(program.model.count() == 1 && program.state(0) == int(JobListModel::Running));
    QVERIFY(program.at(0, JobListModel::StateTextRole).toString().contains(word));
    QTRY_VERIFY2(program.at(0, JobListModel::StateTextRole).toString().contains("25"),
                 qPrintable(program.at(0, JobListModel::StateTextRole).toString()));
}

QTEST_MAIN(JobListModelTest)
#include "job_list_model_test.moc"

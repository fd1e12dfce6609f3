// What the table says of two types of a model, measured by the real engine on a text; and the
// chart's scale.
#include "app/compare/text_measurement.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>
#include <atomic>
#include <thread>

#include "app/compare/loss_chart.h"
#include "app/system/translation.h"
#include "base/text_file.h"
#include "tests/app/compare/compare_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

std::string wordsOfLines(int nLines) {
    std::string text;
    for (int line = 0; line < nLines; ++line)
        text += "The light of line " + std::to_string(line * 7919 % 1000) + " is blue.\n";
    return text;
}

struct Program : CompareProgram {
    Program() {
        if (!writeTextFile(path("text.txt"), wordsOfLines(900)))
            qFatal("a test's text cannot be written");
        measurement = make(path("text.txt"));
    }

    std::unique_ptr<TextMeasurement> make(const std::string& text) {
        return std::make_unique<TextMeasurement>(TextMeasurement::Parts{
            reading(), text, [this] { return chat; }, [this] { return !chat.text.empty(); }});
    }
    QString at(int row, TextMeasurement::Role role) {
        return measurement->data(measurement->index(row), role).toString();
    }

    void measure() {
        measurement->measure();
        QCOMPARE(measurement->state(), TextMeasurement::Running);
        QTRY_VERIFY_WITH_TIMEOUT(measurement->state() != TextMeasurement::Running, 120'000);
    }

    MeasuredText chat{LossSource::Chat, {}, {}, false};
    std::unique_ptr<TextMeasurement> measurement;
};

}  // namespace

class TextMeasurementTest : public QObject {
    Q_OBJECT

private slots:
    void twoTypes_areMeasured() {
        Program program;
        TextMeasurement& measurement = *program.measurement;
        QAbstractItemModelTester tester(&measurement,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        QVERIFY(measurement.canMeasure());
        QCOMPARE(program.at(1, TextMeasurement::AgreementRole), QStringLiteral("–"));
        measurement.measure();
        QCOMPARE(measurement.state(), TextMeasurement::Running);
        QVERIFY(!measurement.canMeasure());
        QTRY_COMPARE_WITH_TIMEOUT(measurement.state(), TextMeasurement::Done, 120'000);
        QCOMPARE(program.at(0, TextMeasurement::AgreementRole), QStringLiteral("reference"));
        QVERIFY(program.at(1, TextMeasurement::AgreementRole).endsWith(QStringLiteral(" %")));
        QVERIFY(program.at(1, TextMeasurement::KlMeanRole).toDouble() > 0);
        QVERIFY(program.at(1, TextMeasurement::PerplexityRole).toDouble() > 1);
        QVERIFY2(measurement.summary().contains(QStringLiteral("same next word")),
                 qPrintable(measurement.summary()));
        QCOMPARE(measurement.points().size(), 2);
        QCOMPARE(measurement.points()[0].toMap()[QStringLiteral("loss")].toDouble(), 0.0);
        // Another reference: these figures are not of it.
        program.compare->setModel(0, QString::fromStdString(program.path("q4.gguf")));
        QCOMPARE(measurement.state(), TextMeasurement::Idle);
        QVERIFY(measurement.points().isEmpty());
    }
    void fileOrChat_isReadInItsPlace() {
        Program program;
        TextMeasurement& measurement = *program.measurement;
        const std::string note = program.path("note.md");
        QVERIFY(writeTextFile(note, "\xEF\xBB\xBF" + wordsOfLines(900)));
        measurement.chooseFile(QUrl::fromLocalFile(QString::fromStdString(note)));
        QCOMPARE(measurement.sourceText(), QStringLiteral("note.md"));
        program.measure();
        QCOMPARE(measurement.problem(), QString());
        QVERIFY2(measurement.subject().startsWith(QStringLiteral("note.md, 4,096 tokens, ")),
                 qPrintable(measurement.subject()));
        // A chat that has no chunk of 512 is one of its own.
        QVERIFY(!measurement.hasChat());
        program.chat.text = wordsOfLines(12);
        program.chat.isPrivate = true;
        measurement.followChat();
        QVERIFY(measurement.hasChat());
        measurement.chooseChat();
        program.measure();
        QCOMPARE(measurement.problem(), QString());
        const ComparisonReport report = program.compare->report();
        QVERIFY(report.text && report.text->isPrivate);
        QVERIFY(report.text->tokens < 512);
        QCOMPARE(report.text->chunkTokens, report.text->tokens);
        QVERIFY(measurement.subject().startsWith(QStringLiteral("a chat, ")));
        // Without words there is no chat to measure on.
        program.chat.text.clear();
        measurement.followChat();
        QCOMPARE(measurement.source(), TextMeasurement::BuiltIn);
    }
    void figures_areTheRuns_andComeBackWithIt() {
        Program program;
        program.measure();
        const QString agreement = program.at(1, TextMeasurement::AgreementRole);
        const ComparisonReport report = program.compare->report();
        QVERIFY(report.text && report.columns[0].loss && report.columns[1].loss);
        const auto kept = readReport(reportJson(report));
        QVERIFY(kept && kept->text && kept->columns[1].loss);
        QCOMPARE(kept->columns[1].loss->klMean, report.columns[1].loss->klMean);
        QCOMPARE(kept->columns[1].loss->deltaPMean, report.columns[1].loss->deltaPMean);
        QCOMPARE(kept->text->tokens, report.text->tokens);
        QVERIFY(reportMarkdown(report).find("On the built-in text: 4096 tokens in chunks of 512") !=
                std::string::npos);
        // A run without figures has none, and its own where it was kept with them.
        ComparisonReport bare = report;
        bare.text.reset();
        program.compare->showReport(bare);
        QCOMPARE(program.at(1, TextMeasurement::AgreementRole), QStringLiteral("–"));
        program.compare->showReport(*kept);
        QCOMPARE(program.at(1, TextMeasurement::AgreementRole), agreement);
        QCOMPARE(program.measurement->points().size(), 2);
    }
    void textThatCannotBeRead_isTold_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("english");
        QTest::addColumn<QString>("chinese");
        QTest::newRow("short") << QByteArray("A line.")
                               << QStringLiteral("at least one chunk of 512")
                               << QStringLiteral("至少需要 512 个");
        QTest::newRow("empty") << QByteArray(" \n") << QStringLiteral("nothing to read")
                               << QStringLiteral("没有可读的内容");
        QTest::newRow("other bytes") << QByteArray("\xff\xfe\x41\x00", 4)
                                     << QStringLiteral("no UTF-8 text") << QStringLiteral("UTF-8");
        QTest::newRow("large") << QByteArray(4'000'001, 'a') << QStringLiteral("more than 4 MB")
                               << QStringLiteral("4 MB");
    }
    void textThatCannotBeRead_isTold() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, english);
        QFETCH(QString, chinese);
        Program program;
        const std::string note = program.path("note.txt");
        QVERIFY(writeTextFile(note, bytes.toStdString()));
        program.measurement->chooseFile(QUrl::fromLocalFile(QString::fromStdString(note)));
        program.measure();
        QVERIFY2(program.measurement->problem().contains(english),
                 qPrintable(program.measurement->problem()));
        // Nothing of the English sentence stands in the Chinese one.
        Translation translation;
        translation.setSetting(QStringLiteral("zh_CN"));
        const QString sentence = program.measurement->problem();
        QLocale::setDefault(QLocale::c());
        QVERIFY2(sentence.contains(chinese) && !sentence.contains(QStringLiteral(" the ")),
                 qPrintable(sentence));
    }
    void measurementOfAnotherRun_isDropped() {
        Program program;
        program.compare->showReport(program.keptRun());
        QSignalSpy grown(program.compare.get(), &CompareController::grown);
        program.measurement->measure();
        QCOMPARE(program.measurement->state(), TextMeasurement::Running);
        program.compare->showReport(program.keptRun());
        QCOMPARE(program.measurement->state(), TextMeasurement::Idle);
        QTRY_VERIFY_WITH_TIMEOUT(program.measurement->canMeasure(), 120'000);
        QVERIFY(program.compare->loss() == nullptr);
        QCOMPARE(grown.count(), 0);
        QCOMPARE(program.measurement->problem(), QString());
    }
    void problem_isOfItsRun() {
        Program program;
        program.measurement = program.make(program.path("no.txt"));
        program.measure();
        QVERIFY(!program.measurement->problem().isEmpty());
        program.compare->showReport(program.keptRun());
        QCOMPARE(program.measurement->problem(), QString());
    }
    // A file of another size under the same path is another file.
    void figures_areTheFiles() {
        Program program;
        const std::uint64_t fileBytes = program.compare->columns()->columns()[1].fileBytes;
        program.compare->takeLoss(program.lossOf(0.25));
        ComparisonReport kept = program.keptRun();
        QVERIFY(kept.text && kept.columns[1].loss && fileBytes > 0);
        for (ReportColumn& column : kept.columns) column.fileBytes -= 1;
        program.compare->showReport(kept);
        QCOMPARE(program.compare->report().columns[1].loss->klMean, 0.25);
        // Neither is what would be measured now that run's.
        program.measurement->measure();
        QCOMPARE(program.measurement->state(), TextMeasurement::Done);
        QVERIFY2(program.measurement->problem().startsWith(QStringLiteral("A model file is")),
                 qPrintable(program.measurement->problem()));
        // Chosen again, the files are those that lie there now.
        program.compare->setModel(1, QString::fromStdString(program.files[1]));
        const ComparisonReport report = program.compare->report();
        QCOMPARE(report.columns[1].fileBytes, fileBytes);
        QVERIFY(!report.text && !report.columns[0].loss && !report.columns[1].loss);
        QCOMPARE(program.measurement->state(), TextMeasurement::Idle);
        QCOMPARE(program.measurement->problem(), QString());
        // And what another text has no figures of has none of the text before.
        for (ReportColumn& column : kept.columns) column.fileBytes += 1;
        program.compare->showReport(kept);
        CompareController::TextLoss reference = program.lossOf(0.5);
        reference.rows.erase(program.files[1]);
        program.compare->takeLoss(reference);
        QVERIFY(!program.compare->report().columns[1].loss);
    }
    // The chat keeps its model until others are read.
    void queuedMeasurement_leavesTheChatItsModel() {
        Program program;
        QVERIFY(program.models->load(QString::fromStdString(program.files[0])));
        QTRY_COMPARE(program.models->state(), ModelController::Loaded);
        std::atomic<bool> isHeld = true;
        JobSpec spec;
        spec.lane = JobLane::Processor;
        spec.kind = "something else";
        program.jobs.start(
            spec,
            [&isHeld](JobContext&) -> Result<bool> {
                while (isHeld) std::this_thread::yield();
                return true;
            },
            [](const Result<bool>&) {});
        program.measurement->measure();
        QCOMPARE(program.measurement->progressText(), QStringLiteral("Waits for another job"));
        program.measurement->stop();
        QTRY_COMPARE(program.measurement->state(), TextMeasurement::Idle);
        QCOMPARE(program.models->state(), ModelController::Loaded);
        program.measurement->measure();
        isHeld = false;
        QTRY_COMPARE(program.models->state(), ModelController::Resting);
        QTRY_VERIFY_WITH_TIMEOUT(program.measurement->canMeasure(), 120'000);
    }
    void nameOfTheText_followsTheLanguage() {
        Program program;
        Translation translation;
        QSignalSpy renamed(program.measurement.get(), &TextMeasurement::sourceChanged);
        translation.setSetting(QStringLiteral("zh_CN"));
        QLocale::setDefault(QLocale::c());
        QTRY_VERIFY(renamed.count() > 0);
        QVERIFY(program.measurement->sourceText() != QStringLiteral("Built-in text"));
    }
    void stoppedMeasurement_saysNothing() {
        Program program;
        program.measurement->measure();
        program.measurement->stop();
        QTRY_COMPARE(program.measurement->state(), TextMeasurement::Idle);
        QVERIFY(program.measurement->problem().isEmpty());
        QVERIFY(program.measurement->canMeasure());
    }
    void textThatIsGone_isTold() {
        Program program;
        program.measurement = program.make(program.path("no.txt"));
        program.measurement->measure();
        QTRY_VERIFY(!program.measurement->problem().isEmpty());
        program.measurement = program.make({});
        QVERIFY(!program.measurement->canMeasure());
    }
    void scale_holdsAllValues() {
        const LogScale usual = LogScale::around({0.0009, 0.0231, 0.298});
        QCOMPARE(usual.lowest, -4);
        QCOMPARE(usual.highest, 0);
        QCOMPARE(usual.shareOf(1), 1.0);
        QCOMPARE(usual.shareOf(0.0001), 0.0);
        QCOMPARE(usual.shareOf(0.01), 0.5);
        const LogScale wide = LogScale::around({3.41, 1e-6, 0});
        QCOMPARE(wide.highest, 1);
        QCOMPARE(wide.lowest, -6);
    }
};

QTEST_MAIN(TextMeasurementTest)
#include "text_measurement_test.moc"

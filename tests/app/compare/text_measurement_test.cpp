// What the table says of two types of a model, measured by the real engine on a text; and the
// chart's scale.
#include "app/compare/text_measurement.h"

#include <QAbstractItemModelTester>
#include <QtTest>

#include "app/compare/loss_chart.h"
#include "base/text_file.h"
#include "tests/app/compare/compare_program.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct Program : CompareProgram {
    Program() {
        std::string text;
        for (int line = 0; line < 900; ++line)
            text += "The light of line " + std::to_string(line * 7919 % 1000) + " is blue.\n";
        if (!writeTextFile(path("text.txt"), text)) qFatal("a test's text cannot be written");
        measurement = make(path("text.txt"));
    }

    std::unique_ptr<TextMeasurement> make(const std::string& text) {
        return std::make_unique<TextMeasurement>(TextMeasurement::Parts{reading(), text});
    }
    QString at(int row, TextMeasurement::Role role) {
        return measurement->data(measurement->index(row), role).toString();
    }

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

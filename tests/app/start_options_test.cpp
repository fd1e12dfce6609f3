// What `sotto` understands on its command line, and what it prepares before Qt starts.
#include "app/start_options.h"

#include <QtTest>

using namespace sotto::app;

namespace {

StartOptions parsed(const QStringList& arguments) {
    return parseStartOptions(QStringList{QStringLiteral("sotto")} + arguments);
}

}  // namespace

class StartOptionsTest : public QObject {
    Q_OBJECT

private slots:
    void nothing_isTheWindow() {
        const StartOptions options = parsed({});
        QCOMPARE(options.problem, QString());
        QVERIFY(!options.isUnattended());
        QCOMPARE(options.size, QSize(1440, 900));
        QCOMPARE(options.theme, QString());
        QCOMPARE(options.language, QString());
        QVERIFY(options.help.isEmpty());
        QVERIFY(!options.isVersionAsked);
    }

    void everything_isTaken() {
        const StartOptions options = parsed(
            {QStringLiteral("--screenshot"), QStringLiteral("a.png"),
             QStringLiteral("--size=960x600"), QStringLiteral("--theme"), QStringLiteral("light"),
             QStringLiteral("--language=zh_CN"), QStringLiteral("--scale"), QStringLiteral("1.5")});
        QCOMPARE(options.problem, QString());
        QCOMPARE(options.screenshot, QStringLiteral("a.png"));
        QVERIFY(options.isUnattended());
        QCOMPARE(options.size, QSize(960, 600));
        QCOMPARE(options.theme, QStringLiteral("light"));
        QCOMPARE(options.language, QStringLiteral("zh_CN"));
        QCOMPARE(options.scale, QStringLiteral("1.5"));
        QVERIFY(parsed({QStringLiteral("--smoke")}).isUnattended());
        QVERIFY(parsed({QStringLiteral("--version")}).isVersionAsked);
        QVERIFY(parsed({QStringLiteral("--help")}).help.contains(QLatin1String("--screenshot")));
    }

    // Each names the option, so that whoever typed it knows which.
    void wrongOnes_areNamed_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("named");
        const auto row = [](const char* tag, const QStringList& arguments, const char* named) {
            QTest::newRow(tag) << arguments << QString::fromLatin1(named);
        };
        row("theme", {QStringLiteral("--theme=blue")}, "\"blue\"");
        row("language", {QStringLiteral("--language=de")}, "\"de\"");
        row("size without x", {QStringLiteral("--size=1440")}, "\"1440\"");
        row("size too small", {QStringLiteral("--size=959x600")}, "960x600");
        row("size too low", {QStringLiteral("--size=960x599")}, "960x600");
        row("size negative", {QStringLiteral("--size=-960x600")}, "--size");
        row("size beyond numbers", {QStringLiteral("--size=9999999999x600")}, "--size");
        row("scale no number", {QStringLiteral("--scale=big")}, "--scale");
        row("scale too small", {QStringLiteral("--scale=0.5")}, "--scale");
        row("scale too large", {QStringLiteral("--scale=4.1")}, "--scale");
        row("scale not finite", {QStringLiteral("--scale=nan")}, "--scale");
        row("unknown", {QStringLiteral("--colour=red")}, "colour");
        row("a value that is missing", {QStringLiteral("--screenshot")}, "screenshot");
        row("a word", {QStringLiteral("model.gguf")}, "model.gguf");
    }
    void wrongOnes_areNamed() {
        QFETCH(QStringList, arguments);
        QFETCH(QString, named);
        const StartOptions options = parsed(arguments);
        QVERIFY2(options.problem.contains(named), qPrintable(options.problem));
    }

    void unattended_drawsOffscreenUnlessToldOtherwise() {
        const auto unset = [] {
            for (const char* name : {"QT_QPA_PLATFORM", "QT_QUICK_BACKEND", "QT_SCALE_FACTOR"})
                qunsetenv(name);
        };
        unset();
        prepareEnvironment(parsed({}));
        QVERIFY(!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"));
        QVERIFY(!qEnvironmentVariableIsSet("QT_QUICK_BACKEND"));
        QVERIFY(!qEnvironmentVariableIsSet("QT_SCALE_FACTOR"));
        prepareEnvironment(parsed({QStringLiteral("--smoke"), QStringLiteral("--scale=2")}));
        QCOMPARE(qEnvironmentVariable("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        QCOMPARE(qEnvironmentVariable("QT_QUICK_BACKEND"), QStringLiteral("software"));
        QCOMPARE(qEnvironmentVariable("QT_SCALE_FACTOR"), QStringLiteral("2"));
        unset();
        qputenv("QT_QPA_PLATFORM", "wayland");
        prepareEnvironment(parsed({QStringLiteral("--smoke")}));
        QCOMPARE(qEnvironmentVariable("QT_QPA_PLATFORM"), QStringLiteral("wayland"));
        QVERIFY(!qEnvironmentVariableIsSet("QT_QUICK_BACKEND"));
        unset();
    }
};

QTEST_APPLESS_MAIN(StartOptionsTest)
#include "start_options_test.moc"

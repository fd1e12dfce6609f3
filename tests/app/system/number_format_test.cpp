// Every row of the table of number formats in the design (UI.md section 9), and the rounding at its
// thresholds.
#include "app/system/number_format.h"

#include <QSignalSpy>
#include <QtTest>
#include <cmath>
#include <limits>

using sotto::app::NumberFormat;

namespace {

constexpr double kGibi = 1024.0 * 1024 * 1024;
const QString kNarrow(QChar(0x202F));
const QString kNoBreak(QChar(0x00A0));

// The form under test by name, so that one table covers them all.
QString formatted(const NumberFormat& format, const QString& form, double value) {
    if (form == "speedValue") return format.speedValue(value);
    if (form == "speed") return format.speed(value);
    if (form == "prediction") return format.prediction(value);
    if (form == "latency") return format.latency(value);
    if (form == "latencyUnit") return format.latencyUnit(value);
    if (form == "duration") return format.duration(value);
    if (form == "fileSize") return format.fileSize(value);
    if (form == "sizeSum") return format.sizeSum(value);
    if (form == "bandwidth") return format.bandwidth(value);
    if (form == "memory") return format.memory(value);
    if (form == "memoryPart") return format.memoryPart(value);
    if (form == "count") return format.count(value);
    if (form == "shortCount") return format.shortCount(value);
    if (form == "percent") return format.percent(value);
    if (form == "divergence") return format.divergence(value);
    return QStringLiteral("no such form");
}

void row(const char* form, double value, const QString& english) {
    QTest::addRow("%s %g", form, value) << QString::fromLatin1(form) << value << english;
}

}  // namespace

class NumberFormatTest : public QObject {
    Q_OBJECT

private slots:
    void memoryOn_namesEachMemoryThatIsUsed() {
        const NumberFormat format;
        QCOMPARE(format.memoryOn(3.1 * kGibi, 0), "3.1" + kNoBreak + "GiB RAM");
        QCOMPARE(format.memoryOn(0, 5.2 * kGibi), "5.2" + kNoBreak + "GiB VRAM");
        QCOMPARE(format.memoryOn(3.1 * kGibi, 5.2 * kGibi),
                 "5.2" + kNoBreak + "GiB VRAM + 3.1" + kNoBreak + "GiB RAM");
    }

    void english_data() {
        QTest::addColumn<QString>("form");
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("expected");
        row("speedValue", 175.3, "175");
        row("speedValue", 84.21, "84.2");
        row("speedValue", 6.84, "6.8");
        row("speedValue", 99.94, "99.9");
        row("speedValue", 99.96, "100");  // never "100.0"
        row("speedValue", 1234.4, "1,234");
        row("speedValue", 0, "–");
        row("speedValue", std::nan(""), "–");
        row("speed", 6.84, "6.8 tok/s");
        row("prediction", 84.4, "≈" + kNoBreak + "84");
        row("prediction", 6.84, "≈" + kNoBreak + "6.8");
        row("prediction", 150.2, "≈" + kNoBreak + "150");
        row("prediction", 99.7, "≈" + kNoBreak + "100");
        row("prediction", 1234, "≈" + kNoBreak + "1,230");
        row("prediction", 0.52, "≈" + kNoBreak + "0.5");
        row("prediction", 0, "–");
        row("latency", 16.53, "16.5 ms");
        row("latency", 961.4, "961 ms");
        row("latency", 999.4, "999 ms");
        row("latency", 999.6, "1.0 s");
        row("latency", 33'438, "33.4 s");
        row("latency", 123'456, "123 s");
        row("latencyUnit", 38, "ms");
        row("latencyUnit", 33'438, "s");
        row("latency", 19.96, "20 ms");
        row("latency", 0, "–");
        row("duration", 0.31, "0.3 s");
        row("duration", 48.2, "48 s");
        row("duration", 59.6, "1 min 0 s");
        row("duration", 112, "1 min 52 s");
        row("duration", 3599.4, "59 min 59 s");
        row("duration", 3599.6, "1 h 0 min");
        row("duration", 7170, "2 h 0 min");
        row("duration", 528'070, "146 h 41 min");
        row("duration", -1, "–");
        row("fileSize", 9.0e9, "9.00" + kNoBreak + "GB");
        row("fileSize", 7.83e6, "7.83" + kNoBreak + "MB");
        row("fileSize", 512, "512" + kNoBreak + "B");
        row("sizeSum", 59.2e9, "59.2" + kNoBreak + "GB");
        row("sizeSum", 184e6, "184" + kNoBreak + "MB");
        row("bandwidth", 748.2, "748" + kNoBreak + "GB/s");
        row("bandwidth", 33.42, "33.4" + kNoBreak + "GB/s");
        row("bandwidth", 1008, "1,008" + kNoBreak + "GB/s");
        row("memory", 24.0 * kGibi, "24.0" + kNoBreak + "GiB");
        row("memory", 42e6, "40" + kNoBreak + "MiB");
        row("memory", 0.999 * kGibi, "1.0" + kNoBreak + "GiB");
        row("memoryPart", 8.97 * kGibi, "8.97");
        row("count", 16384, "16,384");
        row("count", 0, "0");
        row("shortCount", 1.2e6, "1.2M");
        row("shortCount", 310e3, "310k");
        row("shortCount", 999.4, "999");
        row("shortCount", 999.6e3, "1.0M");
        row("percent", 0.744, "74" + kNarrow + "%");
        row("percent", 0, "0" + kNarrow + "%");
        row("divergence", 0.02312, "0.0231");
        row("divergence", 0.2984, "0.298");
        row("divergence", 3.412, "3.41");
        row("divergence", std::numeric_limits<double>::infinity(), "–");
    }

    void english() {
        QFETCH(QString, form);
        QFETCH(double, value);
        QFETCH(QString, expected);
        NumberFormat format;
        QCOMPARE(formatted(format, form, value), expected);
    }

    void percent_hasNoGapInChinese() {
        NumberFormat format;
        format.setLanguage(QStringLiteral("zh_CN"));
        QCOMPARE(format.percent(0.744), QStringLiteral("74%"));
    }

    void moment_isATimeTodayAndADateBefore() {
        NumberFormat english;
        NumberFormat chinese;
        chinese.setLanguage(QStringLiteral("zh_CN"));
        const QDateTime now = QDateTime::currentDateTime();
        QCOMPARE(english.moment(now), now.toString(QStringLiteral("HH:mm")));
        const QDateTime older(QDate(2019, 3, 7), QTime(10, 0));
        QCOMPARE(english.moment(older), QStringLiteral("7 Mar 2019"));
        QCOMPARE(chinese.moment(older), QStringLiteral("2019年3月7日"));
        QCOMPARE(english.moment(QDateTime()), QString());
    }

    void day_hasItsYearWhenThatIsNotThisOne() {
        NumberFormat english;
        NumberFormat chinese;
        chinese.setLanguage(QStringLiteral("zh_CN"));
        const int year = QDate::currentDate().year();
        const QDateTime thisYear(QDate(year, 12, 18), QTime(10, 47));
        const QDateTime older(QDate(2019, 3, 7), QTime(10, 0));
        QCOMPARE(english.day(thisYear), QStringLiteral("18 December"));
        QCOMPARE(chinese.day(thisYear), QStringLiteral("12月18日"));
        QCOMPARE(english.day(older), QStringLiteral("7 March 2019"));
        QCOMPARE(english.dayAndTime(older), QStringLiteral("on 7 March 2019 at 10:00"));
        QVERIFY(english.dayAndTime(QDateTime::currentDateTime())
                    .startsWith(QStringLiteral("today at ")));
        QCOMPARE(english.day(QDateTime()), QString());
    }

    void setLanguage_tellsOnceWhenItChanges() {
        NumberFormat format;
        QSignalSpy spy(&format, &NumberFormat::languageChanged);
        format.setLanguage(QStringLiteral("zh_CN"));
        format.setLanguage(QStringLiteral("zh_CN"));
        QCOMPARE(spy.count(), 1);
    }
};

QTEST_APPLESS_MAIN(NumberFormatTest)
#include "number_format_test.moc"

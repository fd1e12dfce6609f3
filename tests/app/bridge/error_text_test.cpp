// Failures as sentences: in the window's language, with numbers as the window writes them.
#include "app/bridge/error_text.h"

#include <QLocale>
#include <QtTest>

using namespace sotto;
using namespace sotto::app;

class ErrorTextTest : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { QLocale::setDefault(QLocale::c()); }

    void numbers_areGrouped_data() {
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char* sentence, const char* shown) {
            QTest::newRow(sentence) << QString::fromUtf8(sentence) << QString::fromUtf8(shown);
        };
        row("The prompt has 33438 tokens and the context holds 16384, one of them for the answer.",
            "The prompt has 33,438 tokens and the context holds 16,384, one of them for the "
            "answer.");
        row("It ends at byte 4100000, the file at 1000000.",
            "It ends at byte 4,100,000, the file at 1,000,000.");
        row("There are 999 of 1000.", "There are 999 of 1,000.");
        row("blk.12345.attn has 1.23456 and 0x12345", "blk.12345.attn has 1.23456 and 0x12345");
        row("/models/2024/a-12345.gguf is gone", "/models/2024/a-12345.gguf is gone");
        row("Nobody answers at port 11434.", "Nobody answers at port 11434.");
        row("The template fails at line 1234.", "The template fails at line 1234.");
        row("12,345 is grouped already", "12,345 is grouped already");
    }
    void numbers_areGrouped() {
        QFETCH(QString, sentence);
        QFETCH(QString, shown);
        QLocale::setDefault(QLocale(QStringLiteral("en")));
        QCOMPARE(errorText(Error{ErrorCode::FileDamaged, sentence.toStdString(), "", 0, 0}), shown);
    }

    // A file is called what it is called.
    void numbers_inTheNameOfAFile_stay() {
        QLocale::setDefault(QLocale(QStringLiteral("en")));
        const auto shown = [](const char* sentence) {
            return errorText(
                Error{ErrorCode::FileDamaged, sentence, "/models/My 2024 notes 2025.gguf", 0, 0});
        };
        QCOMPARE(shown("“My 2024 notes 2025.gguf” ends at byte 4100."),
                 QStringLiteral("“My 2024 notes 2025.gguf” ends at byte 4,100."));
        QCOMPARE(shown("4100 bytes of /models/My 2024 notes 2025.gguf are read."),
                 QStringLiteral("4,100 bytes of /models/My 2024 notes 2025.gguf are read."));
    }

    void numbers_ofOtherLanguages_areGrouped() {
        QLocale::setDefault(QLocale(QStringLiteral("zh_CN")));
        const QString text = errorText(Error{ErrorCode::ContextFull, "x", "", 33438, 16384});
        QVERIFY2(text.contains(QStringLiteral("33,438")) && text.contains(QStringLiteral("16,384")),
                 qPrintable(text));
    }

    void room_isSaidWithItsNumbers() {
        QLocale::setDefault(QLocale(QStringLiteral("zh_CN")));
        const QString text = errorText(Error{ErrorCode::DiskFull, "x", "a.gguf",
                                             std::uint64_t{3} << 30, std::uint64_t{1} << 30});
        QVERIFY2(text.contains(QStringLiteral("3.0")) && text.contains(QStringLiteral("1.0")),
                 qPrintable(text));
    }

    void aLimitOfRequests_saysHowLong() {
        QLocale::setDefault(QLocale(QStringLiteral("zh_CN")));
        const QString text = errorText(Error{ErrorCode::RateLimited, "x", "", 55, 0});
        QVERIFY2(text.contains(QStringLiteral("55")), qPrintable(text));
    }

    // What "needed" counts is said by who gives it: here bytes of a target, there tokens of a text.
    void tokens_areThoseOfATextAlone() {
        QLocale::setDefault(QLocale(QStringLiteral("zh_CN")));
        const Error error{ErrorCode::InvalidArgument, "The target is too small.", "", 3000000, 20};
        QVERIFY2(!errorText(error).contains(QStringLiteral("3,000,000")),
                 qPrintable(errorText(error)));
        QVERIFY2(readingErrorText(error).contains(QStringLiteral("3,000,000")),
                 qPrintable(readingErrorText(error)));
    }

    // What is not known is not told as nothing at all: no empty quotes, no "0 bytes needed".
    void whatIsNotKnown_isLeftOut_data() {
        QTest::addColumn<int>("code");
        for (int code = 0; code <= static_cast<int>(ErrorCode::DownloadDamaged); ++code)
            QTest::newRow(std::string(errorCodeName(static_cast<ErrorCode>(code))).c_str()) << code;
    }
    void whatIsNotKnown_isLeftOut() {
        QFETCH(int, code);
        QLocale::setDefault(QLocale(QStringLiteral("zh_CN")));
        const QString text = errorText(Error{static_cast<ErrorCode>(code), "The cause.", "", 0, 0});
        QVERIFY2(!text.isEmpty() && !text.contains(QStringLiteral("“”")) &&
                     !text.contains(QLatin1Char('0')) && !text.contains(QStringLiteral("()")),
                 qPrintable(text));
    }
};

QTEST_MAIN(ErrorTextTest)
#include "error_text_test.moc"

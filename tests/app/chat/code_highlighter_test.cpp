// Highlighting marks the parts of the languages' lexical rules and changes no character of the
// code.
#include "app/chat/code_highlighter.h"

#include <QTextDocumentFragment>
#include <QtTest>

using namespace sotto::app;

class CodeHighlighterTest : public QObject {
    Q_OBJECT

private slots:
    void part_ofALanguage_getsItsClass_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("expected");
        QTest::newRow("keyword") << "python"
                                 << "return"
                                 << "<span class=\"k\">return</span>";
        QTest::newRow("keyword of SQL in capitals") << "sql"
                                                    << "SELECT"
                                                    << "<span class=\"k\">SELECT</span>";
        QTest::newRow("call") << "js"
                              << "go("
                              << "<span class=\"f\">go</span>(";
        QTest::newRow("number") << "c"
                                << "0x1F;"
                                << "<span class=\"n\">0x1F</span>;";
        QTest::newRow("string with escape") << "c"
                                            << "\"a\\\"b\""
                                            << "<span class=\"s\">&quot;a\\&quot;b&quot;</span>";
        QTest::newRow("unfinished string ends with its line") << "c"
                                                              << "'a\nb"
                                                              << "<span class=\"s\">'a</span>\nb";
        QTest::newRow("line comment") << "py"
                                      << "# x\ny"
                                      << "<span class=\"c\"># x</span>\ny";
        QTest::newRow("unfinished block comment") << "cpp"
                                                  << "/* x"
                                                  << "<span class=\"c\">/* x</span>";
        QTest::newRow("long string over lines") << "python"
                                                << "\"\"\"a\nb\"\"\""
                                                << "<span class=\"s\">&quot;&quot;&quot;a</span>\n"
                                                   "<span class=\"s\">b&quot;&quot;&quot;</span>";
        QTest::newRow("plain text stays plain") << "text"
                                                << "for 'x' # 1"
                                                << "for 'x' # <span class=\"n\">1</span>";
        QTest::newRow("markup is escaped") << "none"
                                           << "<b>&"
                                           << "&lt;b&gt;&amp;";
    }
    void part_ofALanguage_getsItsClass() {
        QFETCH(QString, language);
        QFETCH(QString, code);
        QTEST(codeHtml(highlightCode(code, language)), "expected");
    }

    // Taking the spans away gives the code back.
    void spans_removed_giveTheCodeBack() {
        const QString code =
            QStringLiteral("if (a < \"b\\\\\") { /* & */ return 1.5e3; } // end\n'\\");
        for (const char* language : {"cpp", "python", "sql", "html", "rust", "unknown"}) {
            const QList<CodeLine> lines = highlightCode(code, QString::fromLatin1(language));
            QCOMPARE(codeText(lines), code);
            QString html = codeHtml(lines);
            static const QRegularExpression kSpan(QStringLiteral("</?span[^>]*>"));
            html.remove(kSpan);
            html.replace(QLatin1String("&lt;"), QLatin1String("<"))
                .replace(QLatin1String("&gt;"), QLatin1String(">"));
            html.replace(QLatin1String("&quot;"), QLatin1String("\""))
                .replace(QLatin1String("&amp;"), QLatin1String("&"));
            QCOMPARE(html, code);
        }
    }
};

QTEST_APPLESS_MAIN(CodeHighlighterTest)
#include "code_highlighter_test.moc"

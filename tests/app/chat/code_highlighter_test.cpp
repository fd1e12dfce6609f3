// Highlighting marks the parts of the languages' lexical rules and changes no character of the
// code.
#include "app/chat/code_highlighter.h"

#include <QtTest>

#include "code_told.h"

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
                                 << "{k return}";
        QTest::newRow("keyword of SQL in capitals") << "sql"
                                                    << "SELECT"
                                                    << "{k SELECT}";
        QTest::newRow("call") << "js"
                              << "go("
                              << "{f go}(";
        QTest::newRow("number") << "c"
                                << "0x1F;"
                                << "{n 0x1F};";
        QTest::newRow("string with escape") << "c"
                                            << "\"a\\\"b\""
                                            << "{s \"a\\\"b\"}";
        QTest::newRow("unfinished string ends with its line") << "c"
                                                              << "'a\nb"
                                                              << "{s 'a}\nb";
        QTest::newRow("line comment") << "py"
                                      << "# x\ny"
                                      << "{c # x}\ny";
        QTest::newRow("unfinished block comment") << "cpp"
                                                  << "/* x"
                                                  << "{c /* x}";
        QTest::newRow("long string over lines") << "python"
                                                << "\"\"\"a\nb\"\"\""
                                                << "{s \"\"\"a}\n"
                                                   "{s b\"\"\"}";
        QTest::newRow("plain text stays plain") << "text"
                                                << "for 'x' # 1"
                                                << "for 'x' # {n 1}";
    }
    void part_ofALanguage_getsItsClass() {
        QFETCH(QString, language);
        QFETCH(QString, code);
        QTEST(told(highlightCode(code, language)), "expected");
    }

    void spans_areInOrder_andTheCodeStays() {
        const QString code =
            QStringLiteral("if (a < \"b\\\\\") { /* & */ return 1.5e3; } // end\n'\\");
        for (const char* language : {"cpp", "python", "sql", "html", "rust", "unknown"}) {
            const QList<CodeLine> lines = highlightCode(code, QString::fromLatin1(language));
            QCOMPARE(codeText(lines), code);
            for (const CodeLine& line : lines) {
                int end = 0;
                for (const CodeSpan& span : line.spans) {
                    QVERIFY(span.start >= end && span.length > 0);
                    end = span.start + span.length;
                }
                QVERIFY(end <= line.text.size());
            }
        }
    }
};

QTEST_APPLESS_MAIN(CodeHighlighterTest)
#include "code_highlighter_test.moc"

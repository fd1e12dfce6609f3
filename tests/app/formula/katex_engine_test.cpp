// The script engine behind formulas: its limits, and that the scripts reach nothing.
#include <QtTest>

#include "app/formula/katex_engine.h"
#include "app/formula/katex_tree.h"
#include "app/formula/script_watchdog.h"

using namespace sotto::app;

class KatexEngineTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        if (!KatexEngine::isBuiltIn()) QSKIP("built without KaTeX (libjs-katex, fonts-katex)");
    }

    void aFormulaBecomesATree() {
        KatexEngine engine;
        const auto json = engine.tree(QStringLiteral("\\frac{a}{b}"), true);
        QVERIFY(json);
        const auto tree = readKatexTree(*json);
        QVERIFY(tree);
        QVERIFY(tree->hasClass(QLatin1String("katex-display")));
        // 0.677 for the numerator and 0.43056 for its letter
        QVERIFY(std::abs(tree->height - 1.10756) < 1e-4);
        QVERIFY(tree->depth > 0.6);
    }

    void wrongSourceIsRefused() {
        KatexEngine engine;
        for (const char* tex : {"\\frac{a}", "\\undefined", "{", "\\begin{matrix}", "a^b^c"})
            QVERIFY2(!engine.tree(QString::fromLatin1(tex), false), tex);
        QVERIFY(engine.tree(QStringLiteral("a"), false));
        QCOMPARE(engine.interruptions(), 0);
    }

    void linksAndPicturesAreRefused() {
        KatexEngine engine;
        for (const char* tex :
             {"\\href{https://a.b}{x}", "\\url{https://a.b}", "\\includegraphics{a.png}",
              "\\htmlClass{a}{b}", "\\htmlData{a=b}{c}"})
            QVERIFY2(!engine.tree(QString::fromLatin1(tex), false), tex);
    }

    void longSourceIsRefused() {
        KatexEngine engine;
        QVERIFY(engine.tree(QString(500, u'x'), false));
        QVERIFY(!engine.tree(QString(4097, u'x'), false));
        QVERIFY(!engine.tree(QString(1366, u'中'), false));  // 4098 bytes
    }

    void macrosThatNeverEndAreRefused() {
        KatexEngine engine;
        QVERIFY(!engine.tree(QStringLiteral("\\def\\a{\\a\\a}\\a"), false));
        QVERIFY(!engine.tree(QStringLiteral("\\def\\a{x\\a}\\a"), false));
        QVERIFY(engine.tree(QStringLiteral("x"), false));
    }

    void whatTakesTooLongIsInterrupted() {
        KatexEngine engine;
        // Within the limit of expansions, but four million letters.
        const QString bomb = QStringLiteral("\\def\\a{%1}").arg(QString(3900, u'x')) +
                             QStringLiteral("\\a").repeated(40);
        const QString nested =
            QStringLiteral(
                "\\def\\a{%1}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a\\a}\\b\\b\\b\\b\\b\\b\\b\\b")
                .arg(QString(3000, u'x'));
        QVERIFY(bomb.size() <= KatexEngine::kMaxSource);
        QVERIFY(!engine.tree(nested, false));
        QCOMPARE(engine.interruptions(), 1);
        // The engine begins anew.
        QVERIFY(engine.tree(QStringLiteral("x"), false));
        QCOMPARE(engine.interruptions(), 1);
    }

    void macrosOfOneFormulaAreUnknownToTheNext() {
        KatexEngine engine;
        QVERIFY(engine.tree(QStringLiteral("\\gdef\\mine{x}\\mine"), false));
        QVERIFY(!engine.tree(QStringLiteral("\\mine"), false));
    }

    void nestedDeepItStillReturns() {
        KatexEngine engine;
        for (const QString& tex :
             {QStringLiteral("{").repeated(2000) + QStringLiteral("}").repeated(2000),
              QStringLiteral("\\sqrt{").repeated(500) + QStringLiteral("}").repeated(500),
              QStringLiteral("a^{").repeated(900) + QStringLiteral("}").repeated(900)})
            engine.tree(tex, true);
        QVERIFY(engine.tree(QStringLiteral("x"), false));
    }

    void formulasAreSpoken() {
        KatexEngine engine;
        QCOMPARE(engine.spoken(QStringLiteral("\\frac{a}{b}"), false),
                 QStringLiteral("start fraction, a, divided by, b, end fraction"));
        QCOMPARE(engine.spoken(QStringLiteral("\\bar{x} \\ne x"), false)
                     .value()
                     .contains(QStringLiteral("not equal")),
                 true);
        QVERIFY(!engine.spoken(QStringLiteral("\\begin{matrix}a\\end{matrix}"), false));
        QVERIFY(engine.spoken(QStringLiteral("x"), false));
    }

    // Nothing but the language: no files, no network, no timers, no Qt, no console, and none of
    // KaTeX's own names.
    void theScriptsReachNothing() {
        KatexEngine engine;
        const QStringList names = engine.globalNames();
        QVERIFY2(names.contains(QStringLiteral("Object")), qPrintable(names.join(u' ')));
        const QStringList language = {"Object",
                                      "String",
                                      "Symbol",
                                      "Number",
                                      "Boolean",
                                      "Array",
                                      "Function",
                                      "Date",
                                      "RegExp",
                                      "Error",
                                      "EvalError",
                                      "RangeError",
                                      "ReferenceError",
                                      "SyntaxError",
                                      "TypeError",
                                      "URIError",
                                      "Promise",
                                      "SharedArrayBuffer",
                                      "ArrayBuffer",
                                      "DataView",
                                      "WeakSet",
                                      "Set",
                                      "WeakMap",
                                      "Map",
                                      "Int8Array",
                                      "Uint8Array",
                                      "Int16Array",
                                      "Uint16Array",
                                      "Int32Array",
                                      "Uint32Array",
                                      "Uint8ClampedArray",
                                      "Float32Array",
                                      "Float64Array",
                                      "Math",
                                      "JSON",
                                      "Reflect",
                                      "Atomics",
                                      "Proxy",
                                      "undefined",
                                      "NaN",
                                      "Infinity",
                                      "eval",
                                      "parseInt",
                                      "parseFloat",
                                      "isNaN",
                                      "isFinite",
                                      "decodeURI",
                                      "decodeURIComponent",
                                      "encodeURI",
                                      "encodeURIComponent",
                                      "escape",
                                      "unescape",
                                      "globalThis",
                                      "URL",
                                      "URLSearchParams"};
        for (const QString& name : names) QVERIFY2(language.contains(name), qPrintable(name));
    }

    void theWatchdogCallsOnceAndNeverAfterStop() {
        std::atomic<int> calls = 0;
        ScriptWatchdog watchdog([&calls] { ++calls; });
        watchdog.start(std::chrono::hours(1));
        QVERIFY(!watchdog.stop());
        QCOMPARE(calls, 0);
        watchdog.start(std::chrono::milliseconds(1));
        QTRY_COMPARE(calls, 1);
        QVERIFY(watchdog.stop());
        watchdog.start(std::chrono::hours(1));
        QVERIFY(!watchdog.stop());
        QCOMPARE(calls, 1);
    }

    void brokenTreesAreRefused() {
        QVERIFY(!readKatexTree("{"));
        QVERIFY(!readKatexTree("[]"));
        QByteArray deep;
        for (int level = 0; level <= kMaxKatexDepth; ++level) deep += "{\"children\":[";
        deep += "{}";
        for (int level = 0; level <= kMaxKatexDepth; ++level) deep += "]}";
        QVERIFY(!readKatexTree(deep));
        QCOMPARE(readEm(QStringLiteral("-1.5em")), std::optional(-1.5));
        QVERIFY(!readEm(QStringLiteral("100%")));
        QVERIFY(!readEm(QStringLiteral("em")));
    }
};

QTEST_GUILESS_MAIN(KatexEngineTest)
#include "katex_engine_test.moc"

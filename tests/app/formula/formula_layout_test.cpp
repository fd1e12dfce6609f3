// What the layout makes of KaTeX's trees: where a browser puts it (tests/golden/formula), KaTeX's
// own heights, and what is decided here. Needs KaTeX in the build.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <algorithm>
#include <random>

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_layout.h"
#include "app/formula/katex_engine.h"
#include "app/formula/svg_path.h"
#include "tests/app/formula/formula_constructs.h"
#include "tests/app/formula/formula_geometry.h"

using namespace sotto::app;

namespace {

// The browser rounds every width to 1/64 of 1000 pixels and lines up to a whole pixel more; a row
// adds up some 20 of them.
constexpr double kTolerance = 0.004;

QHash<QString, QJsonObject> readGoldens() {
    QHash<QString, QJsonObject> goldens;
    QFile file(QStringLiteral(SOTTO_GOLDEN_DIR "/formula/chromium.jsonl"));
    if (!file.open(QIODevice::ReadOnly)) return goldens;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const QJsonObject golden = QJsonDocument::fromJson(line).object();
        if (!golden.isEmpty()) goldens.insert(golden["name"].toString(), golden);
    }
    return goldens;
}

// Rectangles in an order that rounding does not change.
QList<QRectF> rectangles(const QJsonArray& rows) {
    QList<QRectF> rects;
    for (const QJsonValue& value : rows) {
        const QJsonArray row = value.toArray();
        rects.append(
            QRectF(row[0].toDouble(), row[1].toDouble(), row[2].toDouble(), row[3].toDouble()));
    }
    const auto key = [](const QRectF& rect) {
        return std::tuple(std::lround(rect.left() * 50), std::lround(rect.top() * 50),
                          rect.width());
    };
    std::sort(rects.begin(), rects.end(),
              [&](const QRectF& a, const QRectF& b) { return key(a) < key(b); });
    return rects;
}

QString difference(const QRectF& ours, const QRectF& theirs) {
    const double off = std::max(
        {std::abs(ours.left() - theirs.left()), std::abs(ours.top() - theirs.top()),
         std::abs(ours.width() - theirs.width()), std::abs(ours.height() - theirs.height())});
    if (off <= kTolerance) return {};
    return QStringLiteral("(%1 %2 %3 %4) but (%5 %6 %7 %8) in a browser")
        .arg(ours.left())
        .arg(ours.top())
        .arg(ours.width())
        .arg(ours.height())
        .arg(theirs.left())
        .arg(theirs.top())
        .arg(theirs.width())
        .arg(theirs.height());
}

}  // namespace

class FormulaLayoutTest : public QObject {
    Q_OBJECT

    std::unique_ptr<KatexEngine> m_engine;
    std::unique_ptr<FormulaFonts> m_fonts;
    QHash<QString, QJsonObject> m_goldens;

    std::optional<KatexNode> tree(const QString& tex, bool isDisplay) {
        const auto json = m_engine->tree(tex, isDisplay);
        return json ? readKatexTree(*json) : std::nullopt;
    }

    std::optional<FormulaPicture> picture(const QString& tex, bool isDisplay = true) {
        const auto root = tree(tex, isDisplay);
        return root ? std::optional(layOutFormula(*root, *m_fonts)) : std::nullopt;
    }

    QJsonObject geometry(const QString& tex, bool isDisplay = true) {
        const auto made = picture(tex, isDisplay);
        return made ? formulaGeometry(*made) : QJsonObject();
    }

private slots:
    void initTestCase() {
        if (!KatexEngine::isBuiltIn()) QSKIP("built without KaTeX (libjs-katex, fonts-katex)");
        m_engine = std::make_unique<KatexEngine>();
        m_fonts = std::make_unique<FormulaFonts>(QGuiApplication::font());
        m_goldens = readGoldens();
        QVERIFY(m_goldens.size() > 80);
    }

    void everythingStandsWhereABrowserPutsIt_data() {
        QTest::addColumn<QString>("tex");
        QTest::addColumn<bool>("isDisplay");
        for (const FormulaConstruct& construct : formulaConstructs()) {
            if (!m_goldens.contains(construct.name)) continue;
            QTest::newRow(qPrintable(construct.name)) << construct.tex << construct.isDisplay;
        }
    }

    void everythingStandsWhereABrowserPutsIt() {
        QFETCH(QString, tex);
        QFETCH(bool, isDisplay);
        const QJsonObject golden = m_goldens[QString::fromUtf8(QTest::currentDataTag())];
        const QJsonObject ours = geometry(tex, isDisplay);
        QVERIFY(!ours.isEmpty());
        compareGlyphs(ours, golden["glyphs"].toArray());
        if (QTest::currentTestFailed()) return;
        for (const char* kind : {"rules", "shapes"}) {
            const QList<QRectF> made = rectangles(ours[QLatin1String(kind)].toArray());
            const QList<QRectF> wanted = rectangles(golden[QLatin1String(kind)].toArray());
            QCOMPARE(made.size(), wanted.size());
            for (qsizetype index = 0; index < made.size(); ++index)
                QCOMPARE(difference(made[index], wanted[index]), QString());
        }
    }

    void everyConstructIsMeasuredOrDecidedHere() {
        QStringList unmeasured;
        for (const FormulaConstruct& construct : formulaConstructs())
            if (!m_goldens.contains(construct.name)) unmeasured.append(construct.name);
        QCOMPARE(unmeasured, QStringList({"poor man's bold", "tag", "lines of a formula"}));
    }

    void heightsAreThoseOfKatex_data() {
        QTest::addColumn<QString>("tex");
        QTest::addColumn<bool>("isDisplay");
        for (const FormulaConstruct& construct : formulaConstructs())
            QTest::newRow(qPrintable(construct.name)) << construct.tex << construct.isDisplay;
        const std::vector<FormulaConstruct> reported = reportedFormulas();
        QCOMPARE(reported.size(), size_t(38));
        for (const FormulaConstruct& formula : reported)
            QTest::newRow(qPrintable(formula.tex)) << formula.tex << formula.isDisplay;
    }

    // KaTeX computes height and depth by TeX's rules; our ink comes from where the layout puts
    // glyphs and lines. Only what is meant to reach over its box may: laps and smashes, and what a
    // formula colours or boxes.
    void heightsAreThoseOfKatex() {
        QFETCH(QString, tex);
        QFETCH(bool, isDisplay);
        const auto root = tree(tex, isDisplay);
        QVERIFY(root);
        const FormulaPicture made = layOutFormula(*root, *m_fonts);
        const bool isOneLine = !tex.startsWith(QStringLiteral("a + b \\\\"));
        const bool hasText = std::any_of(
            made.marks.begin(), made.marks.end(),
            [](const FormulaMark& mark) { return std::holds_alternative<FormulaText>(mark); });
        if (isOneLine && !hasText) {
            QVERIFY(std::abs(made.ascent - root->height * kFormulaScale) < 1e-9);
            QVERIFY(std::abs(made.descent - root->depth * kFormulaScale) < 1e-9);
        }
        // Glyphs overshoot their metrics by up to 0.04 em of their size.
        constexpr double kOvershoot = 0.04 * kFormulaScale;
        const QRectF ink = inkOf(made);
        const bool isBeyond = tex.contains(QStringLiteral("smash")) ||
                              tex.contains(QStringLiteral("begin{CD}")) ||
                              tex.contains(QStringLiteral("textcircled"));
        if (!isBeyond) {
            QVERIFY2(-ink.top() <= made.ascent + kOvershoot,
                     qPrintable(QString::number(-ink.top() - made.ascent)));
            QVERIFY2(ink.bottom() <= made.descent + kOvershoot,
                     qPrintable(QString::number(ink.bottom() - made.descent)));
        }
    }

    // Rule by rule of The TeXbook, appendix G, with the parameters of Computer Modern at 10 pt
    // (cmsy10, cmex10).
    void fractionsAndScriptsStandByTheRulesOfTex() {
        constexpr double kAxis = 0.25, kNum1 = 0.677, kDenom1 = 0.686, kSup1 = 0.413, kSup2 = 0.363,
                         kSub1 = 0.15;
        const QJsonArray fraction = geometry(QStringLiteral("\\frac{a}{b}"))["glyphs"].toArray();
        QCOMPARE(fraction[0].toArray()[3].toDouble(),
                 -kDenom1);  // 15: the denominator comes first in a stack
        QCOMPARE(fraction[1].toArray()[3].toDouble(), kNum1);
        const QJsonArray bar =
            geometry(QStringLiteral("\\frac{a}{b}"))["rules"].toArray()[0].toArray();
        QCOMPARE(bar[1].toDouble() + bar[3].toDouble() / 2, kAxis);
        QCOMPARE(
            geometry(QStringLiteral("x^2"), true)["glyphs"].toArray()[1].toArray()[3].toDouble(),
            kSup1);
        QCOMPARE(
            geometry(QStringLiteral("x^2"), false)["glyphs"].toArray()[1].toArray()[3].toDouble(),
            kSup2);
        QCOMPARE(
            geometry(QStringLiteral("x_2"), true)["glyphs"].toArray()[1].toArray()[3].toDouble(),
            -kSub1);
    }

    void linesAreCentredUnderEachOther() {
        const QJsonArray glyphs = geometry(QStringLiteral("a+b+c \\\\ d"))["glyphs"].toArray();
        QCOMPARE(glyphs.size(), 6);
        const QJsonArray d = glyphs[5].toArray();
        QVERIFY(d[3].toDouble() < -0.8);
        const double width = geometry(QStringLiteral("a+b+c \\\\ d"))["width"].toDouble();
        QVERIFY(std::abs(d[2].toDouble() + 0.52 / 2 - width / 2) < 0.01);
    }

    void aTagStandsBehindItsFormula() {
        const QJsonObject plain = geometry(QStringLiteral("E = mc^2"));
        const QJsonObject tagged = geometry(QStringLiteral("E = mc^2 \\tag{1}"));
        const QJsonArray glyphs = tagged["glyphs"].toArray();
        const QJsonArray bracket = glyphs[glyphs.size() - 3].toArray();
        QCOMPARE(bracket[0].toString(), QStringLiteral("("));
        QVERIFY(std::abs(bracket[2].toDouble() - plain["width"].toDouble() - 2) < 0.01);
        QCOMPARE(bracket[3].toDouble(), 0.0);
        // A number that counts equations would always be (1), so there is none.
        const QJsonArray numbered =
            geometry(QStringLiteral("\\begin{align} a &= b \\end{align}"))["glyphs"].toArray();
        QCOMPARE(numbered.size(), 3);
    }

    void boldOfThePoorIsPaintedTwice() {
        const QJsonArray glyphs = geometry(QStringLiteral("\\pmb{C}"))["glyphs"].toArray();
        QCOMPARE(glyphs.size(), 2);
        QCOMPARE(glyphs[0].toArray()[2].toDouble(), glyphs[1].toArray()[2].toDouble() + 0.02);
    }

    void whatIsHiddenTakesRoomAndIsNotPainted() {
        const QJsonObject hidden = geometry(QStringLiteral("a\\phantom{\\sqrt{\\frac{b}{c}}}d"));
        const QJsonObject shown = geometry(QStringLiteral("a\\sqrt{\\frac{b}{c}}d"));
        QCOMPARE(hidden["width"], shown["width"]);
        QCOMPARE(hidden["glyphs"].toArray().size(), 2);
        QVERIFY(hidden["rules"].toArray().isEmpty());
        QVERIFY(hidden["shapes"].toArray().isEmpty());
    }

    void coloursOfTheSourceAreKept() {
        const auto made =
            picture(QStringLiteral("a \\textcolor{red}{b \\frac{c}{d}} \\color{#00ff00} e"));
        QVERIFY(made);
        QHash<QString, QColor> colors;
        QColor bar;
        for (const FormulaMark& mark : made->marks) {
            if (const auto* glyphs = std::get_if<FormulaGlyphs>(&mark))
                colors.insert(glyphs->text, glyphs->color);
            if (const auto* rule = std::get_if<FormulaRule>(&mark)) bar = rule->color;
        }
        QVERIFY(!colors[QStringLiteral("a")].isValid());
        QCOMPARE(colors[QStringLiteral("b")], QColor(Qt::red));
        QCOMPARE(colors[QStringLiteral("c")], QColor(Qt::red));
        QCOMPARE(bar, QColor(Qt::red));
        QCOMPARE(colors[QStringLiteral("e")], QColor(0, 255, 0));
    }

    void whatTheFontsLackIsSetInTheFontOfTheWindow() {
        const auto made = picture(QStringLiteral("\\text{速度}v"), false);
        QVERIFY(made);
        const auto* text = std::get_if<FormulaText>(&made->marks.at(0));
        QVERIFY(text);
        const double width =
            m_fonts->textWidth(QStringLiteral("速度"), false, false) * kFormulaScale;
        QVERIFY(std::abs(std::get<FormulaGlyphs>(made->marks.back()).start.x() - width) < 1e-6);
        QVERIFY(width > 1);
    }

    void pathsOfSvgAreRead() {
        const QPainterPath path = svgPath(u"M10 20h5v-5l-2,3.5-.5.5c1 1 2 2 3 0s1-1 2-2H-1V0z");
        QCOMPARE(path.elementAt(0), QPointF(10, 20));
        QCOMPARE(path.elementAt(1), QPointF(15, 20));
        QCOMPARE(path.elementAt(2), QPointF(15, 15));
        QCOMPARE(path.elementAt(3), QPointF(13, 18.5));
        QCOMPARE(path.elementAt(4), QPointF(12.5, 19));
        QCOMPARE(path.elementAt(7), QPointF(15.5, 19));  // end of the first curve
        QCOMPARE(path.elementAt(8),
                 QPointF(16.5, 17));  // mirrored: (15.5, 19) + ((15.5, 19) - (14.5, 21))
        QCOMPARE(path.elementAt(10), QPointF(17.5, 17));
        QCOMPARE(path.elementAt(11), QPointF(-1, 17));
        QCOMPARE(path.elementAt(12), QPointF(-1, 0));
        QVERIFY(svgPath(u"5 5").isEmpty());
        QCOMPARE(svgPath(u"M1 1 L 2").elementCount(), svgPath(u"M1 1").elementCount());
        QVERIFY(svgPath(u"").isEmpty());
    }

    // Pieces of TeX in any order, most of them wrong: refused or laid out, within finite bounds.
    void nothingThatModelsWriteBreaksIt() {
        const QStringList pieces = {"\\frac",
                                    "{",
                                    "}",
                                    "{",
                                    "}",
                                    "a",
                                    "x",
                                    "^",
                                    "_",
                                    "\\sqrt",
                                    "[3]",
                                    "\\left(",
                                    "\\right)",
                                    "\\left.",
                                    "&",
                                    "\\\\",
                                    "\\begin{matrix}",
                                    "\\end{matrix}",
                                    "\\begin{aligned}",
                                    "\\end{aligned}",
                                    "\\text{",
                                    "中",
                                    "é",
                                    "$",
                                    "%",
                                    "#",
                                    "~",
                                    "\\color{red}",
                                    "\\overbrace",
                                    "\\underbrace",
                                    "\\xrightarrow",
                                    "\\cancel",
                                    "\\boxed",
                                    "\\sum",
                                    "\\limits",
                                    "'",
                                    "\\big",
                                    "\\Bigg|",
                                    "\\def\\a{\\a}",
                                    "\\a",
                                    "\\char`\\a",
                                    "\\rule{1em}{2em}",
                                    "\\hspace{-3em}",
                                    "\\mathbb",
                                    "\\not",
                                    "\\hline",
                                    "\\tag{1}",
                                    "\\phantom",
                                    "\\smash",
                                    "\\vec",
                                    "\\widehat",
                                    "\\raisebox{2em}",
                                    "\\kern1em",
                                    "\\\\[2em]",
                                    "\\middle|",
                                    "\\mathrlap",
                                    "\\verb|x|",
                                    "\\operatorname",
                                    "\\substack",
                                    "\\overset",
                                    "\\genfrac",
                                    "😀",
                                    "\\u",
                                    "\\",
                                    "\n",
                                    "\\tiny",
                                    "\\Huge",
                                    "\\displaystyle"};
        std::mt19937 random(20260);
        int laidOut = 0;
        for (int round = 0; round < 1500; ++round) {
            QString tex;
            const size_t length = 1 + random() % 12;
            for (size_t index = 0; index < length; ++index)
                tex += pieces[random() % size_t(pieces.size())] + ' ';
            const auto made = picture(tex, round % 2 == 0);
            if (!made) continue;
            ++laidOut;
            QVERIFY2(std::isfinite(made->width) && std::isfinite(made->ascent) &&
                         std::isfinite(made->descent),
                     qPrintable(tex));
        }
        QVERIFY(laidOut > 50);
    }

    void depthIsBounded() {
        for (const int depth : {50, 1000}) {
            const QString tex = QStringLiteral("\\sqrt{").repeated(depth) + u'x' +
                                QStringLiteral("}").repeated(depth);
            const auto made = picture(tex.left(4000));
            if (depth == 50) continue;  // whether or not there is room for it, it returns
            QVERIFY(!made);
        }
    }

private:
    static void compareGlyphs(const QJsonObject& ours, const QJsonArray& wanted) {
        // Texts of the window's font start where the browser starts its own; behind them fonts
        // differ.
        QString texts;
        for (const QJsonValue& text : ours["texts"].toArray())
            texts += text.toArray()[0].toString();
        QJsonArray glyphs;
        for (const QJsonValue& value : ours["glyphs"].toArray())
            if (!value.toArray()[0].toString().trimmed().isEmpty()) glyphs.append(value);
        QJsonArray browser;
        for (const QJsonValue& value : wanted)
            if (!texts.contains(value.toArray()[0].toString())) browser.append(value);
        QCOMPARE(glyphs.size(), browser.size());
        for (qsizetype index = 0; index < glyphs.size(); ++index) {
            const QJsonArray our = glyphs[index].toArray();
            const QJsonArray their = browser[index].toArray();
            QCOMPARE(our[0].toString(), their[0].toString());
            const double off = std::max({std::abs(our[2].toDouble() - their[1].toDouble()),
                                         std::abs(our[3].toDouble() - their[2].toDouble()),
                                         std::abs(our[4].toDouble() - their[3].toDouble())});
            QVERIFY2(off <= kTolerance,
                     qPrintable(QStringLiteral("%1 at %2 %3, in a browser at %4 %5")
                                    .arg(our[0].toString())
                                    .arg(our[2].toDouble())
                                    .arg(our[3].toDouble())
                                    .arg(their[1].toDouble())
                                    .arg(their[2].toDouble())));
        }
    }

    QRectF inkOf(const FormulaPicture& made) {
        QRectF ink(0, 0, made.width, 0);
        const auto unite = [&ink](const QRectF& rect) {
            ink.setTop(std::min(ink.top(), rect.top()));
            ink.setBottom(std::max(ink.bottom(), rect.bottom()));
        };
        constexpr double kPixels = 100;
        for (const FormulaMark& mark : made.marks) {
            if (const auto* run = std::get_if<FormulaGlyphs>(&mark)) {
                if (run->text == u"∄")
                    continue;  // drawn a tenth of an em taller than its metrics say
                const QRawFont font = m_fonts->sized(run->face, kPixels);
                for (const quint32 index : run->indexes) {
                    const QRectF box = font.pathForGlyph(index).boundingRect();
                    if (box.isEmpty()) continue;
                    const double scale = run->size / kPixels;
                    unite(QRectF(0, run->start.y() + box.top() * scale, 1, box.height() * scale));
                }
            } else if (const auto* rule = std::get_if<FormulaRule>(&mark)) {
                unite(rule->rect);
            } else if (const auto* shape = std::get_if<FormulaShape>(&mark)) {
                unite(shape->path.boundingRect());
            }
        }
        return ink;
    }
};

QTEST_MAIN(FormulaLayoutTest)
#include "formula_layout_test.moc"

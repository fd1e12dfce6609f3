// Formulas as the window sees them: asked for, typeset elsewhere, painted, kept and dropped; with
// KaTeX and without.
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QtTest>

#include "app/formula/formula_cache.h"
#include "app/formula/formula_layout.h"
#include "app/formula/formula_painter.h"
#include "app/formula/katex_engine.h"

using namespace sotto::app;

namespace {

// The resource of sotto_formula; the macro stands outside of namespaces.
void takeKatexAway();

}  // namespace

static void cleanUpFormulaResource() { Q_CLEANUP_RESOURCE(formula); }
static void initFormulaResource() { Q_INIT_RESOURCE(formula); }

namespace {

void takeKatexAway() { cleanUpFormulaResource(); }

QImage painted(FormulaCache& cache, const QString& tex, double scale,
               const QColor& color = Qt::black) {
    QImage image(QSize(200, 80) * scale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    image.fill(Qt::white);
    QPainter painter(&image);
    cache.paint(painter, tex, true, QPointF(10, 40), 20, color);
    painter.end();
    return image;
}

bool isWaitingOver(FormulaCache& cache, const QString& tex, bool isDisplay = true) {
    return QTest::qWaitFor([&] { return cache.size(tex, isDisplay).state != FormulaSize::Pending; },
                           20000);
}

int pixelsOf(const QImage& image, const QColor& color) {
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) count += image.pixelColor(x, y) == color ? 1 : 0;
    return count;
}

}  // namespace

class FormulaCacheTest : public QObject {
    Q_OBJECT

private slots:
    void init() {
        initFormulaResource();
        const bool isNeeded =
            qstrcmp(QTest::currentTestFunction(), "withoutKatexEveryFormulaFails") != 0;
        if (isNeeded && !KatexEngine::isBuiltIn())
            QSKIP("built without KaTeX (libjs-katex, fonts-katex)");
    }

    void aFormulaIsPendingThenReady() {
        FormulaCache cache;
        QSignalSpy changed(&cache, &FormulaCache::changed);
        const QString tex = QStringLiteral("\\frac{a}{b}");
        QCOMPARE(cache.size(tex, true).state, FormulaSize::Pending);
        QCOMPARE(cache.size(tex, true).width, 0.0);
        QVERIFY(changed.wait(20000));
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed[0][0].toString(), tex);
        const FormulaSize size = cache.size(tex, true);
        QCOMPARE(size.state, FormulaSize::Ready);
        QVERIFY(std::abs(size.ascent - 1.10756 * kFormulaScale) < 1e-3);
        QVERIFY(size.descent > 0.5 && size.width > 0.5 && size.width < 2);
        // In the text it is smaller, and a formula of its own.
        QVERIFY(isWaitingOver(cache, tex, false));
        QVERIFY(cache.size(tex, false).ascent < size.ascent);
    }

    void whatFailsSaysSo() {
        FormulaCache cache;
        QVERIFY(isWaitingOver(cache, QStringLiteral("\\frac{a}")));
        QCOMPARE(cache.size(QStringLiteral("\\frac{a}"), true).state, FormulaSize::Failed);
        QCOMPARE(cache.size(QString(5000, u'x'), true).state, FormulaSize::Failed);  // at once
        QCOMPARE(pixelsOf(painted(cache, QStringLiteral("\\frac{a}"), 1), Qt::white), 200 * 80);
    }

    void whatIsTooLargeToPaintFails() {
        FormulaCache cache;
        const QString wide = QStringLiteral("\\hspace{20em}").repeated(30);
        const QString large = QStringLiteral("\\rule{20em}{20em} ").repeated(30);
        const QString bold = QStringLiteral("\\rule{20em}{1em} ").repeated(10);
        for (const QString& tex : {wide, large, bold}) QVERIFY(isWaitingOver(cache, tex));
        QCOMPARE(cache.size(wide, true).state, FormulaSize::Failed);
        QCOMPARE(cache.size(large, true).state, FormulaSize::Failed);
        QCOMPARE(cache.size(bold, true).state, FormulaSize::Ready);
    }

    void paintingUsesTheCallersColour() {
        FormulaCache cache;
        const QString tex = QStringLiteral("\\frac{\\rule{1em}{1em}}{b}");
        QCOMPARE(pixelsOf(painted(cache, tex, 1), Qt::white),
                 200 * 80);  // nothing yet, and it is asked for
        QVERIFY(isWaitingOver(cache, tex));
        QVERIFY(pixelsOf(painted(cache, tex, 1, QColor(10, 200, 30)), QColor(10, 200, 30)) > 400);
    }

    // At every scale the line of a fraction lies on whole pixels: nothing of it is half covered.
    void linesAreCrispAtEveryScale() {
        FormulaCache cache;
        const QString tex = QStringLiteral("\\overline{\\phantom{aaaa}}");
        QVERIFY(isWaitingOver(cache, tex));
        for (const double scale : {1.0, 1.25, 1.5, 2.0, 3.0}) {
            const QImage image = painted(cache, tex, scale);
            const int black = pixelsOf(image, Qt::black);
            QVERIFY(black > 30 * scale);
            QCOMPARE(black + pixelsOf(image, Qt::white), image.width() * image.height());
        }
    }

    // So do the line over a root and the shaft of an arrow, which are parts of a picture.
    void barsOfPicturesAreCrispToo() {
        FormulaCache cache;
        for (const char* source :
             {"\\sqrt{\\phantom{aaaaaaaa}}", "\\overrightarrow{\\phantom{aaaaaaaa}}"}) {
            const QString tex = QString::fromLatin1(source);
            QVERIFY(isWaitingOver(cache, tex));
            for (const double scale : {1.0, 1.25, 1.5, 2.0}) {
                const QImage image = painted(cache, tex, scale);
                int longest = 0;
                for (int y = 0; y < image.height(); ++y) {
                    int black = 0;
                    for (int x = 0; x < image.width(); ++x)
                        black += image.pixelColor(x, y) == QColor(Qt::black) ? 1 : 0;
                    longest = std::max(longest, black);
                }
                QVERIFY2(longest > 60 * scale, source);
            }
        }
    }

    void coloursOfTheSourceAreLegibleInBothThemes() {
        const QColor dark(0x1a, 0x1a, 0x1a);
        const QColor light(0xec, 0xec, 0xe8);
        QCOMPARE(legibleColor(QColor(0, 0x60, 0), dark), QColor(0, 0x60, 0));
        QCOMPARE(legibleColor(QColor(0xff, 0xa0, 0xa0), light), QColor(0xff, 0xa0, 0xa0));
        QVERIFY(legibleColor(Qt::blue, light).lightness() > QColor(Qt::blue).lightness());
        QCOMPARE(legibleColor(Qt::blue, light).hslHue(), QColor(Qt::blue).hslHue());
        QVERIFY(legibleColor(Qt::yellow, dark).lightness() < QColor(Qt::yellow).lightness());
        QVERIFY(legibleColor(Qt::black, light).lightness() > 100);
        QVERIFY(legibleColor(Qt::white, dark).lightness() < 150);
    }

    // The source chose a background without the theme's text in mind.
    void textOnABoxOfItsOwnColourIsReadable() {
        FormulaCache cache;
        const QString tex = QStringLiteral("\\colorbox{yellow}{$\\rule{2em}{1em}$}");
        QVERIFY(isWaitingOver(cache, tex));
        const QImage image = painted(cache, tex, 1, QColor(0xee, 0xee, 0xee));
        QVERIFY(pixelsOf(image, Qt::yellow) > 100);
        QVERIFY(pixelsOf(image, Qt::black) > 100);
        QCOMPARE(pixelsOf(image, QColor(0xee, 0xee, 0xee)), 0);
    }

    void twiceTheScaleIsTwiceTheFormula() {
        FormulaCache cache;
        const QString tex = QStringLiteral("\\rule{2em}{1em}");
        QVERIFY(isWaitingOver(cache, tex));
        const int once = pixelsOf(painted(cache, tex, 1), Qt::black);
        const int twice = pixelsOf(painted(cache, tex, 2), Qt::black);
        QVERIFY(std::abs(twice - 4 * once) < once / 4);
    }

    void screenReadersGetASentenceOrTheSource() {
        FormulaCache cache;
        const QString tex = QStringLiteral("x^2");
        QCOMPARE(cache.spoken(tex), tex);
        QVERIFY(isWaitingOver(cache, tex));
        QCOMPARE(cache.spoken(tex), QStringLiteral("x, squared"));
        const QString matrix = QStringLiteral("\\begin{matrix}a\\end{matrix}");
        QVERIFY(isWaitingOver(cache, matrix));
        QCOMPARE(cache.size(matrix, true).state, FormulaSize::Ready);
        QCOMPARE(cache.spoken(matrix), matrix);
    }

    void whatIsLeastUsedIsDropped() {
        FormulaCache cache;
        const QString first = QStringLiteral("a+b");
        const QString used = QStringLiteral("c+d");
        QVERIFY(isWaitingOver(cache, first));
        QVERIFY(isWaitingOver(cache, used));
        for (int index = 0; index < FormulaCache::kMaxFormulas - 1; ++index) {
            cache.size(QString::number(index) + QString(4097, u'x'), true);  // fails at once
            cache.size(used, true);
        }
        QCOMPARE(cache.size(used, true).state, FormulaSize::Ready);
        QCOMPARE(cache.size(first, true).state, FormulaSize::Pending);  // asked for anew
        QVERIFY(isWaitingOver(cache, first));
    }

    void closingDoesNotWaitForWhatIsAskedFor() {
        auto cache = std::make_unique<FormulaCache>();
        QSignalSpy changed(cache.get(), &FormulaCache::changed);
        for (int index = 0; index < 1000; ++index)
            cache->size(QStringLiteral("\\frac{a}{%1}").arg(index), true);
        cache.reset();
        QVERIFY(changed.isEmpty());
    }

    void withoutKatexEveryFormulaFails() {
        takeKatexAway();
        QVERIFY(!KatexEngine::isBuiltIn());
        FormulaCache cache;
        QSignalSpy changed(&cache, &FormulaCache::changed);
        QCOMPARE(cache.size(QStringLiteral("x"), true).state, FormulaSize::Failed);
        QCOMPARE(cache.spoken(QStringLiteral("x")), QStringLiteral("x"));
        QCOMPARE(pixelsOf(painted(cache, QStringLiteral("x"), 1), Qt::white), 200 * 80);
        QVERIFY(changed.isEmpty());
        KatexEngine engine;
        QVERIFY(!engine.tree(QStringLiteral("x"), false));
        initFormulaResource();
    }
};

QTEST_MAIN(FormulaCacheTest)
#include "formula_cache_test.moc"

// No line begins with a comma, a stop or a closing mark that stands right behind a formula.
#include <QAbstractTextDocumentLayout>
#include <QPainter>
#include <QQmlComponent>
#include <QQmlEngine>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QtTest>

#include "app/ui/Chat/styled_document.h"
#include "app/ui/Chat/text_underlay.h"

using namespace sotto::app;

namespace {

const QString kTex = QStringLiteral("x^2");

InlineText withFormula(const QString& before, const QString& behind) {
    InlineText text;
    text.append(before);
    text.append(QChar(QChar::ObjectReplacementCharacter), Formula, kTex);
    text.append(behind);
    return text;
}

QFont sized(int pixels) {
    QFont font;
    font.setPixelSize(pixels);
    return font;
}

// A text in a TextEdit; without KaTeX a formula is its source.
struct Shown {
    explicit Shown(const InlineText& content) {
        style.setFont(sized(15));
        style.setCodeFont(sized(14));
        style.setLineHeight(24);
        QQmlComponent component(&engine);
        component.setData(
            "import QtQuick\nTextEdit { font.pixelSize: 15; wrapMode: TextEdit.Wrap }", {});
        edit.reset(component.create());
        document.setDocument(edit->property("textDocument").value<QQuickTextDocument*>());
        document.setStyle(&style);
        source.setContent(content);
        document.setSource(&source);
        underlay.setText(&document);
        underlay.setProperty("color", QColor(Qt::black));
    }
    QTextDocument& text() { return *document.document()->textDocument(); }
    // Where its lines begin at this width.
    QList<int> begins(double width) {
        text().setTextWidth(width);
        text().documentLayout()->documentSize();
        const QTextLayout& layout = *text().firstBlock().layout();
        QList<int> begins;
        for (int line = 0; line < layout.lineCount(); ++line)
            begins.append(layout.lineAt(line).textStart());
        return begins;
    }
    // Where a character of the first line begins.
    double x(int position) { return text().firstBlock().layout()->lineAt(0).cursorToX(position); }
    QImage painted() {
        QImage image(400, 40, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        underlay.paint(&painter);
        return image;
    }

    QQmlEngine engine;
    std::unique_ptr<QObject> edit;
    TextStyle style;
    InlineSource source;
    StyledDocument document;
    TextUnderlay underlay;
};

// Of what is painted; -1: nothing.
int rightmost(const QImage& image) {
    for (int x = image.width() - 1; x >= 0; --x)
        for (int y = 0; y < image.height(); ++y)
            if (image.pixelColor(x, y).lightness() < 128) return x;
    return -1;
}

}  // namespace

class FormulaMarksTest : public QObject {
    Q_OBJECT

private slots:
    void noLineBeginsWithAMark_data() {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("marks");
        QTest::addColumn<QString>("behind");
        const QString latin = QStringLiteral(",.:;?!)]}\"'\u201d\u2019\u00bb\u2026");
        const QString wide = QStringLiteral(
            "\uff0c\u3002\u3001\uff1a\uff1b\uff1f\uff01\uff09"
            "\u3011\u300d\u300f\u300b");
        for (const QChar mark : latin)
            QTest::addRow("latin U+%04x", mark.unicode())
                << QStringLiteral("Some words and ") << QString(mark) << QStringLiteral(" more");
        for (const QChar mark : wide)
            QTest::addRow("wide U+%04x", mark.unicode())
                << QStringLiteral("\u5176\u4e2d\u7684\u53d8\u91cf") << QString(mark)
                << QStringLiteral("\u7136\u540e\u662f");
        QTest::newRow("several") << QStringLiteral("(some words and ") << QStringLiteral("\u201d).")
                                 << QStringLiteral(" More");
        QTest::newRow("several, wide")
            << QStringLiteral("\u201c\u5176\u4e2d\u7684\u53d8\u91cf")
            << QStringLiteral("\u201d\uff0c") << QStringLiteral("\u7136\u540e\u662f");
        QTest::newRow("at the end")
            << QStringLiteral("Some words and ") << QStringLiteral("?") << QString();
        QTest::newRow("right to left")
            << QStringLiteral("\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd ")
            << QStringLiteral(",") << QStringLiteral(" \u05e9\u05dc\u05d5\u05dd");
    }
    void noLineBeginsWithAMark() {
        QFETCH(QString, before);
        QFETCH(QString, marks);
        QFETCH(QString, behind);
        const InlineText content = withFormula(before, marks + behind);
        Shown shown(content);
        const int formula = static_cast<int>(before.size());
        bool isFormulaMoved = false;
        for (double width = 80; width < 260; width += 0.5)
            for (const int begin : shown.begins(width)) {
                QVERIFY2(begin <= formula || begin > formula + marks.size(),
                         qPrintable(QString::number(width)));
                isFormulaMoved = isFormulaMoved || begin == formula;
            }
        QVERIFY(isFormulaMoved);
        // The characters are where they were, for the cursor, searching and screen readers.
        QTextCursor all(&shown.text());
        all.select(QTextCursor::Document);
        QCOMPARE(all.selectedText(), content.text);
        QVERIFY(shown.document.plainText().contains(marks));
    }
    void marksTakeTheRoomThatTheyNeed() {
        const QString marks = QStringLiteral(").");
        Shown alone(withFormula({}, QStringLiteral("words")));
        Shown marked(withFormula({}, marks + QStringLiteral("words")));
        alone.begins(400);
        marked.begins(400);
        InlineText text;
        text.append(marks);
        const double room = naturalWidth(text, marked.style);
        const double added = marked.x(3) - alone.x(1);
        QVERIFY2(room > 3 && std::abs(added - room) < 1,  // whole pixels of a hinted font
                 qPrintable(QStringLiteral("%1 of %2").arg(added).arg(room)));
    }
    void codeBehindAMarkKeepsItsPadding() {
        InlineText content = withFormula({}, QStringLiteral(","));
        content.append(QStringLiteral("code"), Code);
        Shown alone(withFormula({}, QStringLiteral("code")));
        Shown marked(content);
        alone.begins(400);
        marked.begins(400);
        InlineText mark;
        mark.append(QStringLiteral(","));
        const double room = naturalWidth(mark, marked.style) + TextStyle::kChipPadding;
        const double added = marked.x(2) - alone.x(1);
        QVERIFY2(std::abs(added - room) < 1,
                 qPrintable(QStringLiteral("%1 of %2").arg(added).arg(room)));
    }
    void marksAreDrawnBehindTheFormula() {
        Shown alone(withFormula({}, QStringLiteral(" x")));
        Shown marked(withFormula({}, QStringLiteral("\uff09 x")));
        alone.begins(400);
        marked.begins(400);
        const int end = rightmost(alone.painted());
        const int markedEnd = rightmost(marked.painted());
        QVERIFY(end > 0);
        QVERIFY2(markedEnd > end + 1 && markedEnd < end + 16,
                 qPrintable(QStringLiteral("%1 %2").arg(markedEnd).arg(end)));
        // What stood there before does too.
        const QRect formula(0, 0, end, 40);
        QCOMPARE(marked.painted().copy(formula), alone.painted().copy(formula));
    }
    void anApostropheStaysWithItsWord() {
        const QString before = QStringLiteral("Some words and ");
        Shown shown(withFormula(before, QStringLiteral("\u2019s more")));
        for (double width = 80; width < 260; width += 0.5)
            QVERIFY(!shown.begins(width).contains(static_cast<int>(before.size()) + 2));
    }
};

QTEST_MAIN(FormulaMarksTest)
#include "formula_marks_test.moc"

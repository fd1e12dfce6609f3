// Ranges of shown text, and shown text written as Markdown and read again.
#include "app/chat/inline_text.h"

#include <QRandomGenerator>
#include <QtTest>

#include "app/chat/markdown_blocks.h"
#include "inline_told.h"

using namespace sotto::app;

namespace {

const QString kFormula(QChar::ObjectReplacementCharacter);
const QString kBreak(QChar::LineSeparator);

// What one paragraph is read as, its displayed formulas within it.
InlineText readBack(const QString& markdown) {
    const QList<MarkdownBlock> blocks = parseMarkdown(markdown);
    return blocks.size() == 1 ? blocks.front().content : InlineText{};
}

InlineText joined(InlineText one, const InlineText& other) {
    qsizetype at = 0;
    for (const InlineSpan& span : other.spans) {
        one.append(other.text.mid(at, span.start - at));
        one.append(other.text.mid(span.start, span.length), span.styles, span.target);
        at = span.start + span.length;
    }
    one.append(other.text.mid(at));
    return one;
}

// Without blanks and breaks at the text's ends and beside breaks.
InlineText trimmedLines(InlineText content) {
    const auto isBreak = [&content](qsizetype at) {
        return at < 0 || at >= content.text.size() || content.text[at] == QChar::LineSeparator;
    };
    for (qsizetype at = 0; at < content.text.size();) {
        const bool isLost = content.text[at].isSpace() && (isBreak(at - 1) || isBreak(at + 1));
        if (!isLost) {
            ++at;
            continue;
        }
        content = joined(mid(content, 0, at), mid(content, at + 1));
        at = std::max<qsizetype>(at - 1, 0);
    }
    return content;
}

}  // namespace

class InlineTextTest : public QObject {
    Q_OBJECT

private slots:
    void mid_keepsTheSpansOfItsPart_data() {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("length");
        QTest::addColumn<QString>("expected");
        QTest::newRow("all") << 0 << 12
                             << "ab cd \uFFFC link{3+2 1 }{6+1 128 x}{8+4 16 https://e.org}";
        QTest::newRow("to the end") << 6 << -1 << "\uFFFC link{0+1 128 x}{2+4 16 https://e.org}";
        QTest::newRow("within a span") << 9 << 2 << "in{0+2 16 https://e.org}";
        QTest::newRow("over a span's begin") << 1 << 3 << "b c{2+1 1 }";
        QTest::newRow("over a span's end") << 4 << 2 << "d {0+1 1 }";
        QTest::newRow("between spans") << 0 << 3 << "ab ";
        QTest::newRow("the formula") << 6 << 1 << "\uFFFC{0+1 128 x}";
        QTest::newRow("nothing") << 4 << 0 << "";
        QTest::newRow("before the text") << -3 << 2 << "ab";
        QTest::newRow("beyond the text") << 10 << 99 << "nk{0+2 16 https://e.org}";
        QTest::newRow("behind the text") << 40 << 2 << "";
    }
    void mid_keepsTheSpansOfItsPart() {
        QFETCH(int, from);
        QFETCH(int, length);
        InlineText whole;
        whole.append(QStringLiteral("ab "));
        whole.append(QStringLiteral("cd"), Bold);
        whole.append(QStringLiteral(" "));
        whole.append(kFormula, Formula, QStringLiteral("x"));
        whole.append(QStringLiteral(" "));
        whole.append(QStringLiteral("link"), Link, QStringLiteral("https://e.org"));
        QTEST(told(mid(whole, from, length)), "expected");
    }

    // Cut anywhere and put together again it is the same text.
    void mid_ofBothSides_isTheWhole() {
        QRandomGenerator random(20260103);
        for (int round = 0; round < 300; ++round) {
            const InlineText whole = randomText(random);
            const qsizetype cut = random.bounded(static_cast<int>(whole.text.size()) + 1);
            const InlineText parted = joined(mid(whole, 0, cut), mid(whole, cut));
            QCOMPARE(told(parted), told(whole));
        }
    }

    void markdown_ofRandomText_isReadAsTheSame() {
        QRandomGenerator random(20260104);
        for (int round = 0; round < 6000; ++round) {
            const InlineText content = randomText(random);
            const QString markdown = toMarkdown(content);
            const InlineText read = readBack(markdown);
            if (read != content)
                qWarning().noquote() << markdown << "\n--\n"
                                     << told(content) << "\n--\n"
                                     << told(read);
            QCOMPARE(told(read), told(content));
        }
    }

private:
    // As a parse gives it: no blanks at the ends of lines and styles, no formula that has a line
    // for itself, code and formulas without line breaks.
    static InlineText randomText(QRandomGenerator& random) {
        static const QStringList kParts{
            "word",       "a",         "5",      "1.",   "10) x",  "*",      "**",  "_",
            "snake_case", "`",         "``",     "~",    "~~",     "$",      "$5",  "\\",
            "#",          "# ",        "-",      "- ",   "+ x",    "> q",    "[",   "]",
            "(x)",        "!",         "<b>",    "<",    "&",      "&amp;",  "|",   "|---|",
            "---",        "===",       "注意：", "这是", "“重点”", "مرحبا",  "😀",   "https://e.org",
            "a@b.org",    "www.e.org", ".",      ",",    ": ",     "[x]: y", "x y", "\"q\"",
            "\\(",        "\\]"};
        static const QStringList kCode{"x",   "a b", "`",     "``x", "\\",
                                       "$a$", "<b>", "&amp;", "*",   "| x"};
        static const QStringList kTex{"x", "a_1^2", "\\frac{a}{b}", "a\\$b", "5"};
        static const QStringList kTargets{"https://e.org", "https://e.org/a_(b)?c=1&d=*",
                                          "http://e.org/\\x", "mailto:a@b.org"};
        const auto any = [&random](const QStringList& list) {
            return list[random.bounded(static_cast<int>(list.size()))];
        };
        InlineText content;
        for (int part = random.bounded(1, 7); part > 0; --part) {
            quint16 styles = 0;
            for (const quint16 style : {Bold, Italic, Strike, Subscript, Superscript})
                if (random.bounded(5) == 0) styles |= style;
            const int kind = random.bounded(10);
            if (kind == 0) {
                content.append(kFormula, styles | Formula, any(kTex));
                continue;
            }
            QString target;
            if (random.bounded(6) == 0) {
                styles |= Link;
                target = any(kTargets);
            }
            if (kind == 1) {
                content.append(any(kCode), styles | Code, target);
                continue;
            }
            QString text;
            for (int word = random.bounded(1, 4); word > 0; --word)
                text += any(kParts) + QStringLiteral(" ").repeated(random.bounded(2));
            content.append(text.trimmed(), styles, target);
            const int after = random.bounded(4);
            if (after < 2) content.append(after == 0 ? QStringLiteral(" ") : kBreak);
        }
        return trimmedLines(content);
    }
};

QTEST_APPLESS_MAIN(InlineTextTest)
#include "inline_text_test.moc"

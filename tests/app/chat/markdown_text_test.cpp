// What Markdown of the field reads like: formulas and prices, emphasis beside CJK text, line
// breaks, HTML, entities, right-to-left text; and code, which is never touched.
#include <md4c.h>

#include <QRandomGenerator>
#include <QtTest>

#include "app/chat/markdown_blocks.h"
#include "app/chat/md4c_flags.h"

using namespace sotto::app;

namespace {

// Every block's text as inline HTML, cells between bars, code as it is.
QString shown(const QString& source) {
    QStringList parts;
    for (const MarkdownBlock& block : parseMarkdown(source)) {
        QStringList cells;
        for (const InlineText& cell : block.cells) cells.append(toHtml(cell));
        if (block.kind == BlockListModel::Code)
            parts.append(codeText(block.codeLines));
        else if (block.kind == BlockListModel::Table)
            parts.append(cells.join(QStringLiteral(" | ")));
        else
            parts.append(toHtml(block.content));
    }
    return parts.join(QStringLiteral(" // "));
}

QString readCase(const char* name) {
    QFile file(QStringLiteral(MARKDOWN_CASES "/") + QString::fromLatin1(name));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// The code of a text as md4c alone gives it.
QStringList codeOf(const QString& source) {
    struct Reader {
        QStringList codes;
        bool isCode = false;
        void begin() { isCode = true, codes.append(QString()); }
    } reader;
    MD_PARSER parser{};
    parser.flags = kMd4cFlags;
    parser.enter_block = [](MD_BLOCKTYPE type, void*, void* self) {
        if (type == MD_BLOCK_CODE) static_cast<Reader*>(self)->begin();
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
        auto& r = *static_cast<Reader*>(self);
        if (type != MD_BLOCK_CODE) return 0;
        r.isCode = false;
        if (r.codes.back().endsWith(QLatin1Char('\n'))) r.codes.back().chop(1);
        return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void*, void* self) {
        if (type == MD_SPAN_CODE) static_cast<Reader*>(self)->begin();
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
        if (type == MD_SPAN_CODE) static_cast<Reader*>(self)->isCode = false;
        return 0;
    };
    parser.text = [](MD_TEXTTYPE, const MD_CHAR* text, MD_SIZE size, void* self) {
        auto& r = *static_cast<Reader*>(self);
        if (r.isCode) r.codes.back() += QString::fromUtf8(text, static_cast<qsizetype>(size));
        return 0;
    };
    const QByteArray utf8 = source.toUtf8();
    md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, &reader);
    return reader.codes;
}

// The same of our blocks, in the order of the text.
QStringList codeOfBlocks(const QString& source) {
    QStringList codes;
    for (const MarkdownBlock& block : parseMarkdown(source)) {
        if (block.kind == BlockListModel::Code) {
            codes.append(codeText(block.codeLines));
        }
        for (const InlineSpan& span : block.content.spans)
            if ((span.styles & Code) != 0)
                codes.append(block.content.text.mid(span.start, span.length));
    }
    return codes;
}

// Where the lines of a displayed formula look like items to md4c, what follows is indented by them
// there, and is not here.
bool hasFormulaOverItems(const QString& source) {
    static const QRegularExpression kItem(QStringLiteral("\n[ >]*(-|1\\.)(\\s|$)"));
    for (const MarkdownBlock& block : parseMarkdown(source))
        for (const InlineSpan& span : block.content.spans)
            if ((span.styles & DisplayFormula) != 0 &&
                (QLatin1Char('\n') + span.target).contains(kItem))
                return true;
    return false;
}

}  // namespace

class MarkdownTextTest : public QObject {
    Q_OBJECT

private slots:
    void text_readsAsItIsMeant_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* tag, const char* source, const char* expected) {
            QTest::newRow(tag) << QString::fromUtf8(source) << QString::fromUtf8(expected);
        };
        row("two prices", "It costs $5 and $10.", "It costs $5 and $10.");
        row("a range", "from $5–$10, US$20, **$4**", "from $5–$10, US$20, <b>$4</b>");
        row("variables", "Set $HOME and $PATH.", "Set $HOME and $PATH.");
        row("prices in items", "- costs $5\n- and 10$", "costs $5 // and 10$");
        row("prices in cells", "| a | b |\n|---|---|\n| $5 | 6$ |", "a | b | $5 | 6$");
        row("a formula and a price", "$x$ costs $5", "$x$ costs $5");
        row("escaped dollars", "\\$x\\$ and $a\\$b$", "$x$ and $a\\$b$");
        row("formula with marks of Markdown", "$a_1 * b_2 * c_3$", "$a_1 * b_2 * c_3$");
        row("brackets of LaTeX", "\\(a*b*c\\) and \\[d\\] inline", "$a*b*c$ and $$d$$ inline");
        row("escaped brackets", "\\\\[x\\\\] and \\\\(y\\\\)", "\\[x\\] and \\(y\\)");
        row("display formula of several lines", "\\[\na\n+ b\n= c\n\\]", "$$a\n+ b\n= c$$");
        row("display between lines", "So:\n$$\nx\n$$\nand on", "So: // $$x$$ // and on");
        row("display in a quote", "> $$\n> x > y\n> + 1\n> $$", "$$x &gt; y\n+ 1$$");
        row("display in an item", "1. So\n   \\[\n   x\n   \\]\n2. y", "So // $$x$$ // y");
        row("display in a line", "公式：$$v = 1$$", "公式：$$v = 1$$");
        row("formula in a cell", "| a |\n|---|\n| $$x$$ \\(y\\) |", "a | $$x$$ $y$");
        row("bar in a formula of a cell", "| a |\n|---|\n| $P(A\\|B)$ |", "a | $P(A|B)$");
        row("formula in a link", "[$x$](https://e.org)", "$x$");
        row("dollars in an address", "https://e.org/?a=$b&c=$d x",
            "<a href=\"https://e.org/?a=$b&amp;c=$d\">https://e.org/?a=$b&amp;c=$d</a> x");
        row("a formula never closed", "\\(x and $y", "(x and $y");
        row("over a blank line", "$x\n\ny$", "$x // y$");
        row("code wins over formulas", "$a `b$ c`", "$a <code>b$ c</code>");

        row("soft breaks", "Roses are red,\nViolets are blue",
            "Roses are red,<br>Violets are blue");
        row("hard break", "a  \nb\\\nc", "a<br>b<br>c");

        row("bold before CJK", "**注意：**这是", "<b>注意：</b>这是");
        row("quoted in bold", "这是**“重点”**内容。**“引号”**也",
            "这是<b>“重点”</b>内容。<b>“引号”</b>也");
        row("brackets in bold", "是**（重点）**的", "是<b>（重点）</b>的");
        row("Korean", "**이 용어(This term)**를 강조", "<b>이 용어(This term)</b>를 강조");
        row("code at the end of bold", "强调**这个`code`**吗",
            "强调<b>这个<code>code</code></b>吗");
        row("escaped stars before CJK", "\\*\\*注意：\\*这是", "**注意：*这是");
        row("italic", "这*“斜”*体", "这<i>“斜”</i>体");
        row("Latin as before", "a**\"b\"**c", "a**&quot;b&quot;**c");
        row("powers", "2**(3)**4", "2**(3)**4");
        row("emoji is no CJK", "😀**\"b\"**c", "😀**&quot;b&quot;**c");

        row("bold italic", "***both*** **b *bi* b**", "<b><i>both</i></b> <b>b <i>bi</i> b</b>");
        row("tags", "H<sub>2</sub>O <b>b</b> <kbd>Ctrl</kbd><br/>x<sup>2</sup>",
            "H<sub>2</sub>O <b>b</b> <code>Ctrl</code><br>x<sup>2</sup>");
        row("single tildes", "H~2~O, ~5 to ~7, a \\~b~ c", "H~2~O, ~5 to ~7, a ~b~ c");
        row("single tildes in emphasis", "**~5** ~**a**~ ~~b ~c~~",
            "<b>~5</b> ~<b>a</b>~ <s>b ~c</s>");
        row("struck through", "~~a~~ b~~c~~d", "<s>a</s> b<s>c</s>d");
        row("tildes in code and formulas", "`~a~` `\\~b~` $x~y~z$",
            "<code>~a~</code> <code>\\~b~</code> $x~y~z$");
        row("tilde in an address", "https://e.org/~u/~v and [~x~](https://e.org/~y~)",
            "<a href=\"https://e.org/~u/~v\">https://e.org/~u/~v</a> and "
            "<a href=\"https://e.org/~y~\">~x~</a>");
        row("tilde in a language", "```~a~\n~x~\n```", "~x~");
        row("tags in a cell", "| a |\n|---|\n| x<br>y<sup>2</sup> |", "a | x<br>y<sup>2</sup>");
        row("tags not closed", "a <b>b\n\nc</b>", "a <b>b</b> // c&lt;/b&gt;");
        row("other tags are text", "vector<int>, <T>, <div class=\"a\">x</div>",
            "vector&lt;int&gt;, &lt;T&gt;, &lt;div class=&quot;a&quot;&gt;x&lt;/div&gt;");
        row("a tag with attributes is text", "<b onclick=\"x()\">y</b>",
            "&lt;b onclick=&quot;x()&quot;&gt;y&lt;/b&gt;");
        row("link of HTML is text", "<a href=\"javascript:x\">y</a>",
            "&lt;a href=&quot;javascript:x&quot;&gt;y&lt;/a&gt;");
        row("block of HTML is text", "<details><summary>More</summary>x</details>",
            "&lt;details&gt;&lt;summary&gt;More&lt;/summary&gt;x&lt;/details&gt;");

        row("entities", "AT&amp;T &lt;tag&gt; &copy; &#233;&#xe9; &unknown; &nbsp;|",
            "AT&amp;T &lt;tag&gt; © éé &amp;unknown; \u00A0|");
        row("entities in code", "`&amp;`", "<code>&amp;amp;</code>");
        row("entities in a target", "[x](https://e.org/?a=1&amp;b=2)",
            "<a href=\"https://e.org/?a=1&amp;b=2\">x</a>");

        row("bar in code of a cell", "| a |\n|---|\n| `x \\| y` |", "a | <code>x | y</code>");
        row("backslash and bar in code", "`x \\| y`", "<code>x \\| y</code>");
        row("LaTeX brackets in code", "`\\(x\\)` and `\\[y\\]`, \\(z\\)",
            "<code>\\(x\\)</code> and <code>\\[y\\]</code>, $z$");
        row("formula up to a fence's language", "$$a\n```b$$\nc$$\n```", "$$a // c$$");
        row("in a fence of tildes", "~~~\n\\(x\\) **：**这\n~~~\n\n$y$", "\\(x\\) **：**这 // $y$");
        row("in indented code", "a $y$\n\n    \\(x\\)\n    $z$", "a $y$ // \\(x\\)\n$z$");
        row("tabs in code",
            "```make\na:\n\tcc -c\n \tx\n```\n\n1. b\n   ```\n   c:\n   \td\n   ```",
            "a:\n\tcc -c\n \tx // b // c:\n\td");
        row("emoji and invisible characters",
            "👩‍👩‍👧‍👦 ❤️ a\u200Bb c\u00ADd e\u0301",
            "👩‍👩‍👧‍👦 ❤️ a\u200Bb c\u00ADd e\u0301");
    }
    void text_readsAsItIsMeant() {
        QFETCH(QString, source);
        QTEST(shown(source), "expected");
    }

    void casesOfTheField_read() {
        const QString prices = shown(readCase("cherry744_dollar.md"));
        QCOMPARE(prices.count(QLatin1Char('$')), 16);
        for (const MarkdownBlock& block : parseMarkdown(readCase("cherry744_dollar.md")))
            for (const InlineSpan& span : block.content.spans) QCOMPARE(span.styles, Bold);
        const auto formulas = parseMarkdown(readCase("ollama17090_math.md"));
        int nFormulas = 0;
        for (const MarkdownBlock& block : formulas)
            for (const InlineSpan& span : block.content.spans)
                nFormulas += (span.styles & Formula) != 0 ? 1 : 0;
        QCOMPARE(nFormulas, 34);
        QVERIFY(shown(readCase("lm472_backslash_paren.md"))
                    .contains(QLatin1String("print(\"Hello, \\(name) and \\[x\\]\")")));
    }

    void containers_goAroundEveryKindOfBlock() {
        const auto blocks = parseMarkdown(readCase("tg6626_lists.md"));
        QStringList told;
        for (const MarkdownBlock& block : blocks) {
            QString line;
            for (const BlockContainer& container : block.containers)
                line += container.isQuote() ? QStringLiteral(">")
                                            : QStringLiteral("(%1)").arg(container.marker);
            told.append(line + QString::number(block.kind));
        }
        QCOMPARE(told,
                 (QStringList{"(1.)0", "()(◦)0", "()()(•)0", "()()()(1.)0", "()()()(2.)0", "()(◦)0",
                              "(2.)0", "()0",    "()2",      "()0",         "(3.)0",       "()>0",
                              "(4.)0", "(•)0",   "(•)(◦)0",  "()(◦)0",      "(☐)0",        "()(☑)0",
                              ">0",    ">(•)0",  ">(•)0",    ">2",          ">>0"}));
    }

    void direction_isTheFirstStrongCharacters() {
        for (const MarkdownBlock& block : parseMarkdown(readCase("allm3430_rtl.md"))) {
            QVERIFY(block.isRightToLeft);
            for (const BlockContainer& container : block.containers)
                QVERIFY(container.isRightToLeft);
        }
        const auto blocks = parseMarkdown(
            QString::fromUtf8("- `code` ثم\n- abc ثم\n\n> 12\n>\n> مرحبا\n\n123\n\n- 1\n  - مر"));
        QVERIFY(blocks[0].isRightToLeft && blocks[0].containers[0].isRightToLeft);
        QVERIFY(!blocks[1].isRightToLeft && !blocks[1].containers[0].isRightToLeft);
        // A number has no direction of its own and goes with its quote.
        QVERIFY(blocks[2].isRightToLeft && blocks[2].containers[0].isRightToLeft);
        QVERIFY(!blocks[4].isRightToLeft);
    }

    // Random texts of the parts that could be confused: code is what md4c gives for what was
    // written.
    void code_isNeverTouched() {
        const QStringList parts{"\\(",     "\\)",    "\\[",    "\\]",      "$",      "$$",
                                "`",       "``",     "*",      "**",       "：**这", "x",
                                " ",       " ",      "\n",     "\n\n",     "\n    ", "\n```\n",
                                "\n~~~\n", "\n- ",   "\n> ",   "\n1. ",    "\\\\",   "<b>",
                                "&amp;",   "[a](b)", "\\|",    "\n\n    ", "\uFDD0", "\uFDD1",
                                "0",       "（重）", "\uFFFC", "~",        "~~"};
        QRandomGenerator random(20260101);
        int nCompared = 0;
        for (int round = 0; round < 20000; ++round) {
            QString source;
            for (int part = random.bounded(4, 30); part > 0; --part)
                source += parts[random.bounded(static_cast<int>(parts.size()))];
            QStringList expected = codeOf(source), got = codeOfBlocks(source);
            if (hasFormulaOverItems(source)) continue;
            ++nCompared;
            // A code span of nothing is nothing to show.
            expected.removeAll(QString()), got.removeAll(QString());
            std::sort(expected.begin(), expected.end());
            std::sort(got.begin(), got.end());
            if (got != expected) qWarning().noquote() << source << "\n--\n" << expected << got;
            QCOMPARE(got, expected);
        }
        QVERIFY(nCompared > 19000);
    }
};

QTEST_APPLESS_MAIN(MarkdownTextTest)
#include "markdown_text_test.moc"

// What is selected reaches the clipboard as plain text, HTML and Markdown, whatever blocks it goes
// over.
#include "app/ui/Chat/selected_text.h"

#include <QtTest>

using namespace sotto::app;

namespace {

MarkdownBlock blockOf(const char* source, qsizetype index = 0) {
    return parseMarkdown(QString::fromUtf8(source)).at(index);
}

SelectedText allOf(const MarkdownBlock& block) {
    return selectedText(block, 0, blockLength(block));
}

}  // namespace

class SelectedTextTest : public QObject {
    Q_OBJECT

private slots:
    void partOfAParagraph_keepsItsStyles() {
        const MarkdownBlock block = blockOf("A **bold word** and $x^2$ <b");
        const SelectedText found = selectedText(block, 4, 17);
        QCOMPARE(found.plain, QStringLiteral("ld word and $x^2$"));
        QCOMPARE(found.markdown, QStringLiteral("**ld word** and $x^2$"));
        QCOMPARE(found.html, QStringLiteral("<p><b>ld word</b> and $x^2$</p>"));
        QCOMPARE(selectedText(block, 17, blockLength(block)).html, QStringLiteral("<p> &lt;b</p>"));
    }
    void heading_keepsItsLevel() {
        const SelectedText found = allOf(blockOf("### Title"));
        QCOMPARE(found.plain, QStringLiteral("Title"));
        QCOMPARE(found.markdown, QStringLiteral("### Title"));
        QCOMPARE(found.html, QStringLiteral("<h3>Title</h3>"));
    }
    void code_isExactlyWhatWasWritten() {
        const MarkdownBlock block = blockOf("````cpp\nif (a < b)\n\t```\n\n  done\n````");
        const QString code = QStringLiteral("if (a < b)\n\t```\n\n  done");
        QCOMPARE(blockLength(block), code.size());
        const SelectedText found = allOf(block);
        QCOMPARE(found.plain, code);
        QCOMPARE(found.markdown, QStringLiteral("````cpp\n%1\n````").arg(code));
        QCOMPARE(found.html,
                 QStringLiteral("<pre><code>%1</code></pre>").arg(code.toHtmlEscaped()));
        QCOMPARE(selectedText(block, 7, 15).plain, code.mid(7, 8));
        QCOMPARE(codeText(parseMarkdown(found.markdown).at(0).codeLines), code);
    }
    void table_staysOne() {
        const MarkdownBlock block =
            blockOf("| a | b\\|c |\n|---|---|\n| `d\\|` | **e** |\n| f | g |");
        const SelectedText found = allOf(block);
        QCOMPARE(found.plain, QStringLiteral("a\tb|c\nd|\te\nf\tg"));
        const MarkdownBlock again = parseMarkdown(found.markdown).at(0);
        QCOMPARE(again.columns, 2);
        QCOMPARE(again.cells, block.cells);
        QCOMPARE(found.html, QStringLiteral("<table><tr><th>a</th><th>b|c</th></tr>"
                                            "<tr><td><code>d|</code></td><td><b>e</b></td></tr>"
                                            "<tr><td>f</td><td>g</td></tr></table>"));
        // "d|" begins behind "a", "b|c" and a unit after each.
        const SelectedText rows = selectedText(block, 6, 12);
        QCOMPARE(rows.plain, QStringLiteral("d|\te\nf"));
        QVERIFY(!rows.html.contains(QStringLiteral("<th>")));
        const SelectedText inCell = selectedText(block, 2, 4);
        QCOMPARE(inCell.plain, QStringLiteral("b|"));
        QCOMPARE(inCell.html, QStringLiteral("b|"));
    }
    void quotesAndItems_areAround() {
        const char* source = "> 3. one\n>\n>    ```\n>    code\n>    ```\n\n- [x] done";
        const SelectedText item = allOf(blockOf(source));
        QCOMPARE(item.markdown, QStringLiteral("> 3. one"));
        QCOMPARE(
            item.html,
            QStringLiteral("<blockquote><ol start=\"3\"><li><p>one</p></li></ol></blockquote>"));
        const SelectedText code = allOf(blockOf(source, 1));
        QCOMPARE(code.plain, QStringLiteral("code"));
        QCOMPARE(code.markdown, QStringLiteral(">    ```\n>    code\n>    ```"));
        const SelectedText task = allOf(blockOf(source, 2));
        QCOMPARE(task.markdown, QStringLiteral("- [x] done"));
        // What does not begin with the item has no mark.
        QCOMPARE(selectedText(blockOf(source, 2), 2, 4).plain, QStringLiteral("ne"));
    }
    void blocks_followEachOther() {
        SelectedText all;
        all.add(allOf(blockOf("one")));
        all.add(allOf(blockOf("---")));
        all.add(allOf(blockOf("- a")));
        all.add(allOf(blockOf("- b")), true);
        QCOMPARE(all.plain, QStringLiteral("one\n\n\u2022 a\n\u2022 b"));
        QCOMPARE(all.markdown, QStringLiteral("one\n\n---\n\n- a\n- b"));
    }
    void typedText_isNotMarkdownOfOurs() {
        const SelectedText found = typedText(QStringLiteral("a < *b*\n c"));
        QCOMPARE(found.plain, QStringLiteral("a < *b*\n c"));
        QCOMPARE(found.markdown, found.plain);
        QVERIFY(found.html.contains(QStringLiteral("a &lt; *b*<br> c")));
    }
};

QTEST_APPLESS_MAIN(SelectedTextTest)
#include "selected_text_test.moc"

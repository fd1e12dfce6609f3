// What is selected reaches the clipboard as plain text, HTML and Markdown, whatever blocks it goes
// over.
#include "app/ui/Chat/selected_text.h"

#include <QtTest>

using namespace sotto::app;

namespace {

MarkdownBlock blockOf(const char* source, qsizetype index = 0) {
    return parseMarkdown(QString::fromUtf8(source)).at(index);
}

SelectedText selectedText(const MarkdownBlock& block, int from, int to) {
    SelectedBlocks blocks;
    blocks.add(block, from, to);
    return blocks.take();
}

SelectedText allOf(const MarkdownBlock& block) {
    return selectedText(block, 0, blockLength(block));
}

SelectedText allOf(const char* source) {
    SelectedBlocks blocks;
    const QList<MarkdownBlock> parsed = parseMarkdown(QString::fromUtf8(source));
    for (const MarkdownBlock& block : parsed) blocks.add(block, 0, blockLength(block));
    return blocks.take();
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
        const SelectedText all = allOf("one\n\n---\n\n- a\n- b");
        QCOMPARE(all.plain, QStringLiteral("one\n\n\u2022 a\n\u2022 b"));
        QCOMPARE(all.markdown, QStringLiteral("one\n\n---\n\n- a\n- b"));
    }
    void itemsOfAList_areOneList_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("html");
        QTest::newRow("bullets") << "- a\n- b"
                                 << "<ul><li><p>a</p></li><li><p>b</p></li></ul>";
        QTest::newRow("numbers") << "3. a\n4. b"
                                 << "<ol start=\"3\"><li><p>a</p></li><li><p>b</p></li></ol>";
        QTest::newRow("a list in an item")
            << "- a\n  1. b\n  2. c\n- d"
            << "<ul><li><p>a</p><ol start=\"1\"><li><p>b</p></li><li><p>c</p></li></ol></li>"
               "<li><p>d</p></li></ul>";
        QTest::newRow("two blocks in an item")
            << "1. a\n\n   ```\n   b\n   ```\n2. c"
            << "<ol start=\"1\"><li><p>a</p><pre><code>b</code></pre></li>"
               "<li><p>c</p></li></ol>";
        QTest::newRow("numbers behind bullets")
            << "- a\n\n1. b"
            << "<ul><li><p>a</p></li></ul><ol start=\"1\"><li><p>b</p></li></ol>";
        QTest::newRow("numbers that begin again")
            << "1. a\n\n1) b"
            << "<ol start=\"1\"><li><p>a</p></li></ol><ol start=\"1\"><li><p>b</p></li></ol>";
        QTest::newRow("a number behind another delimiter")
            << "1. a\n\n2) b"
            << "<ol start=\"1\"><li><p>a</p></li></ol><ol start=\"2\"><li><p>b</p></li></ol>";
        QTest::newRow("another bullet")
            << "- a\n* b\n* c"
            << "<ul><li><p>a</p></li></ul><ul><li><p>b</p></li><li><p>c</p></li></ul>";
        QTest::newRow("another bullet in an item")
            << "* a\n  + b\n  - c\n* d"
            << "<ul><li><p>a</p><ul><li><p>b</p></li></ul><ul><li><p>c</p></li></ul></li>"
               "<li><p>d</p></li></ul>";
        QTest::newRow("a task with a number")
            << "1. a\n2. [ ] b\n\n   c"
            << "<ol start=\"1\"><li><p>a</p></li><li><p>\u2610 b</p><p>c</p></li></ol>";
        QTest::newRow("text between") << "- a\n\nb\n\n- c"
                                      << "<ul><li><p>a</p></li></ul><p>b</p>"
                                         "<ul><li><p>c</p></li></ul>";
        QTest::newRow("tasks") << "- [x] a\n- [ ] b"
                               << "<ul><li><p>\u2611 a</p></li><li><p>\u2610 b</p></li></ul>";
        QTest::newRow("a quote") << "> a\n>\n> b\n\nc"
                                 << "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>";
        QTest::newRow("a list in a quote")
            << "> - a\n> - b\n>\n> c"
            << "<blockquote><ul><li><p>a</p></li><li><p>b</p></li></ul><p>c</p></blockquote>";
        QTest::newRow("quotes in two items") << "- > a\n- > b"
                                             << "<ul><li><blockquote><p>a</p></blockquote></li>"
                                                "<li><blockquote><p>b</p></blockquote></li></ul>";
    }
    void itemsOfAList_areOneList() {
        QFETCH(QString, source);
        QFETCH(QString, html);
        const SelectedText all = allOf(qPrintable(source));
        QCOMPARE(all.html, html);
        // And as Markdown what they were.
        QCOMPARE(parseMarkdown(all.markdown), parseMarkdown(source));
    }
    void itemOfAWideNumber_keepsWhatIsInIt() {
        const QString source = QStringLiteral("100. a\n\n     ```\n     b\n     ```");
        QCOMPARE(parseMarkdown(allOf(qPrintable(source)).markdown), parseMarkdown(source));
    }
    // What begins amid an item has no mark, but the items behind it are a list.
    void partOfAnItem_isNone() {
        const QList<MarkdownBlock> blocks = parseMarkdown(QStringLiteral("- one\n- two\n- three"));
        SelectedBlocks all;
        all.add(blocks[0], 1, 3);
        all.add(blocks[1], 0, 3);
        all.add(blocks[2], 0, 2);
        const SelectedText found = all.take();
        QCOMPARE(found.html,
                 QStringLiteral("<p>ne</p><ul><li><p>two</p></li><li><p>th</p></li></ul>"));
        QCOMPARE(found.plain, QStringLiteral("ne\n\u2022 two\n\u2022 th"));
    }
    void messages_areApart() {
        SelectedBlocks all;
        all.add(blockOf("- a"), 0, 1);
        all.endMessage();
        all.add(blockOf("- b"), 0, 1);
        const SelectedText found = all.take();
        QCOMPARE(found.html,
                 QStringLiteral("<ul><li><p>a</p></li></ul><ul><li><p>b</p></li></ul>"));
        QCOMPARE(found.plain, QStringLiteral("\u2022 a\n\n\u2022 b"));
    }
    void thinking_isAQuoteOfItsOwn() {
        SelectedBlocks all;
        all.addThinking(QStringLiteral("a < *b*\n\n c"), QStringLiteral("Thinking"));
        all.add(blockOf("> d"), 0, 1);
        const SelectedText found = all.take();
        QCOMPARE(found.plain, QStringLiteral("a < *b*\n\n c\n\nd"));
        QCOMPARE(found.markdown, QStringLiteral("> *Thinking*\n>\n> a < *b*\n>\n>  c\n\n> d"));
        QVERIFY2(found.html.startsWith(QStringLiteral("<blockquote><p><i>Thinking</i></p><p ")),
                 qPrintable(found.html));
        QVERIFY2(found.html.endsWith(QStringLiteral(
                     "a &lt; *b*<br><br> c</p></blockquote><blockquote><p>d</p></blockquote>")),
                 qPrintable(found.html));
    }
    void typedText_isNotMarkdownOfOurs() {
        SelectedBlocks typed;
        typed.addTyped(QStringLiteral("a < *b*\n c"));
        const SelectedText found = typed.take();
        QCOMPARE(found.plain, QStringLiteral("a < *b*\n c"));
        QCOMPARE(found.markdown, found.plain);
        QVERIFY(found.html.contains(QStringLiteral("a &lt; *b*<br> c")));
    }
};

QTEST_APPLESS_MAIN(SelectedTextTest)
#include "selected_text_test.moc"

// Markdown to blocks: each kind, the safety of links and HTML, and the state of unfinished text.
#include "app/chat/markdown_blocks.h"

#include <QtTest>

using namespace sotto::app;

class MarkdownBlocksTest : public QObject {
    Q_OBJECT

private slots:
    void paragraph_withInlineMarks_usesTheSmallHtmlSet() {
        const auto blocks =
            parseMarkdown(QStringLiteral("A **bold** and *slanted* `co<de` ~~gone~~"));
        QCOMPARE(blocks.size(), 1);
        QCOMPARE(blocks[0].kind, BlockListModel::Paragraph);
        QCOMPARE(
            toHtml(blocks[0].content),
            QStringLiteral("A <b>bold</b> and <i>slanted</i> <code>co&lt;de</code> <s>gone</s>"));
        QCOMPARE(plainText(blocks[0].content), QStringLiteral("A bold and slanted co<de gone"));
    }

    void heading_ofEachLevel_keepsItsLevel() {
        const auto blocks = parseMarkdown(QStringLiteral("# One\n\n###### Six"));
        QCOMPARE(blocks.size(), 2);
        QCOMPARE(blocks[0].kind, BlockListModel::Heading);
        QCOMPARE(blocks[0].level, 1);
        QCOMPARE(blocks[1].level, 6);
    }

    void list_nestedAndOrdered_givesMarkersAndDepth() {
        const auto blocks = parseMarkdown(
            QStringLiteral("3. three\n4. four\n   - inner\n\n- [ ] open\n- [x] done"));
        QCOMPARE(blocks.size(), 5);
        QStringList markers;
        for (const MarkdownBlock& block : blocks) markers.append(block.containers.back().marker);
        QCOMPARE(markers, (QStringList{"3.", "4.", "◦", "☐", "☑"}));
        QCOMPARE(blocks[1].containers.size(), 1);
        QCOMPARE(blocks[2].containers.size(), 2);
        QVERIFY(blocks[2].containers[0].marker.isEmpty());  // it was the first block's
        QCOMPARE(blocks[2].content.text, QStringLiteral("inner"));
    }

    void list_looseItem_keepsItsSecondParagraphWithoutMarker() {
        const auto blocks = parseMarkdown(QStringLiteral("- first\n\n  second"));
        QCOMPARE(blocks.size(), 2);
        QCOMPARE(blocks[0].containers,
                 (QList<BlockContainer>{{BlockContainer::Item, "•", false, "-"}}));
        QCOMPARE(blocks[1].containers,
                 (QList<BlockContainer>{{BlockContainer::Item, {}, false, {}}}));
    }

    // Its number stands there, or the others would seem to be counted wrong.
    void list_emptyItems_keepTheirPlaces() {
        const auto blocks = parseMarkdown(
            QStringLiteral("1. one\n2.\n3. three\n\n- [ ] open\n-\n-\n  - inner\n\nend"));
        QStringList rows;
        for (const MarkdownBlock& block : blocks) {
            QString row;
            for (const BlockContainer& container : block.containers) row += container.marker;
            rows.append(row + QLatin1Char(' ') + block.content.text);
        }
        QCOMPARE(rows,
                 (QStringList{"1. one", "2. ", "3. three", "☐ open", "• ", "•◦ inner", " end"}));
        QCOMPARE(blocks[1].kind, BlockListModel::Paragraph);
    }

    // Wherever in the text the item stands.
    void list_itemWithTwoBlankLines_goesOn() {
        for (int length = 0; length < 300; ++length) {
            const auto blocks = parseMarkdown(QString(length, QLatin1Char('x')) +
                                              QStringLiteral("\n\n-   a\n\n\n    b"));
            QCOMPARE(blocks.back().containers.size(), 1);
        }
    }

    void table_withAlignment_givesCellsRowByRow() {
        const auto blocks =
            parseMarkdown(QStringLiteral("| a | b |\n|:--|--:|\n| 1 | **2** |\n| 3 | |"));
        QCOMPARE(blocks.size(), 1);
        QCOMPARE(blocks[0].kind, BlockListModel::Table);
        QCOMPARE(blocks[0].columns, 2);
        QStringList cells;
        for (const InlineText& cell : blocks[0].cells) cells.append(toHtml(cell));
        QCOMPARE(cells, (QStringList{"a", "b", "1", "<b>2</b>", "3", ""}));
        QCOMPARE(blocks[0].alignments, (QList<int>{Qt::AlignLeft, Qt::AlignRight}));
    }

    void code_closedOrNot_isReadTheSame() {
        const auto closed = parseMarkdown(QStringLiteral("```python\nx = 1\n```"));
        QCOMPARE(closed[0].kind, BlockListModel::Code);
        QCOMPARE(closed[0].language, QStringLiteral("python"));
        QCOMPARE(codeText(closed[0].codeLines), QStringLiteral("x = 1"));
        const auto open = parseMarkdown(QStringLiteral("```python\nx = 1\ny"));
        QCOMPARE(codeText(open[0].codeLines), QStringLiteral("x = 1\ny"));
    }

    void quote_nested_countsItsDepth() {
        const auto blocks = parseMarkdown(QStringLiteral("> outer\n>\n> > inner"));
        QCOMPARE(blocks.size(), 2);
        QCOMPARE(blocks[0].containers.size(), 1);
        QVERIFY(blocks[0].containers[0].isQuote());
        QCOMPARE(blocks[1].containers.size(), 2);
    }

    void html_inTheText_isShownNotUsed() {
        const auto blocks = parseMarkdown(QStringLiteral("<script>alert(1)</script> <img src=x>"));
        QCOMPARE(blocks.size(), 1);
        QCOMPARE(blocks[0].content.text, QStringLiteral("<script>alert(1)</script> <img src=x>"));
        QVERIFY(blocks[0].content.spans.isEmpty());
    }

    void link_ofAnotherScheme_isOnlyText_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<bool>("isLink");
        QTest::newRow("https") << "[x](https://example.org)" << true;
        QTest::newRow("mail") << "[x](mailto:a@example.org)" << true;
        QTest::newRow("script") << "[x](javascript:alert(1))" << false;
        QTest::newRow("file") << "[x](file:///etc/passwd)" << false;
        QTest::newRow("image is its description") << "![x](https://example.org/a.png)" << false;
    }
    void link_ofAnotherScheme_isOnlyText() {
        QFETCH(QString, source);
        QFETCH(bool, isLink);
        const auto blocks = parseMarkdown(source);
        QCOMPARE(!blocks[0].content.spans.isEmpty(), isLink);
        QCOMPARE(blocks[0].content.text, QStringLiteral("x"));
    }

    void formula_inAllNotations_isOneCharacter() {
        for (const char* source :
             {"so $x^2 \\le \\alpha$ holds", "so \\(x^2 \\le \\alpha\\) holds"}) {
            const InlineText content = parseMarkdown(QString::fromLatin1(source))[0].content;
            QCOMPARE(content.text, QStringLiteral("so \uFFFC holds"));
            QCOMPARE(content.spans,
                     (QList<InlineSpan>{{3, 1, Formula, QStringLiteral("x^2 \\le \\alpha")}}));
            QCOMPARE(plainText(content), QStringLiteral("so $x^2 \\le \\alpha$ holds"));
        }
        const auto display = parseMarkdown(QStringLiteral("$$\\frac{a+b}{2}$$"));
        QCOMPARE(display[0].kind, BlockListModel::Math);
        QCOMPARE(display[0].content.spans, (QList<InlineSpan>{{0, 1, Formula | DisplayFormula,
                                                               QStringLiteral("\\frac{a+b}{2}")}}));
    }

    // While an answer is written every prefix of it is parsed; none may crash or lose plain
    // characters.
    void prefixes_ofAWholeAnswer_parse() {
        const QString whole = QStringLiteral(
            "# T\n\nText with **bold `code` and** [link](https://e.org).\n\n1. a\n   - "
            "b\n\n```cpp\nint x;\n```\n\n"
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n> q\n\n$$x_1$$\n");
        for (qsizetype length = 0; length <= whole.size(); ++length) {
            const auto blocks = parseMarkdown(whole.left(length));
            for (const MarkdownBlock& block : blocks)
                if (block.kind == BlockListModel::Table)
                    QCOMPARE(block.cells.size() % block.columns, 0);
        }
    }

    void hostileNesting_ends() {
        QVERIFY(
            !parseMarkdown(QString(20000, QLatin1Char('>')) + QStringLiteral(" deep")).isEmpty());
        QVERIFY(!parseMarkdown(QStringLiteral("$") + QStringLiteral("\\sqrt").repeated(20000) +
                               QStringLiteral("$"))
                     .isEmpty());
    }
};

QTEST_APPLESS_MAIN(MarkdownBlocksTest)
#include "markdown_blocks_test.moc"

// A message's blocks while it is being written: at every length what one parse of the whole gives,
// at the cost of the part that is still open.
#include "app/chat/block_list_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

#include "app/chat/markdown_blocks.h"
#include "app/chat/markdown_stream.h"
#include "code_told.h"
#include "inline_told.h"

using namespace sotto::app;

namespace {

QString told(const QList<InlineText>& cells) {
    QStringList parts;
    for (const InlineText& cell : cells) parts.append(told(cell));
    return parts.join(QLatin1Char('/'));
}

QString told(const QList<BlockContainer>& containers) {
    QString line;
    for (const BlockContainer& container : containers)
        line +=
            QStringLiteral("(%1%2%3%4)")
                .arg(container.isQuote() ? QStringLiteral(">") : QString(), container.marker,
                     container.mark, container.isRightToLeft ? QStringLiteral("<-") : QString());
    return line;
}

// What a row says, in one line.
QStringList rowsOf(const BlockListModel& model) {
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row) {
        const auto value = [&](int role) { return model.data(model.index(row), role); };
        QStringList parts;
        for (const int role : {BlockListModel::TextRole, BlockListModel::LanguageRole,
                               BlockListModel::IsRightToLeftRole, BlockListModel::ColumnsRole})
            parts.append(value(role).toString());
        parts.append(told(value(BlockListModel::ContentRole).value<InlineText>()));
        parts.append(told(value(BlockListModel::ContainersRole).value<QList<BlockContainer>>()));
        parts.append(told(value(BlockListModel::CodeLinesRole).value<QList<CodeLine>>()));
        parts.append(told(value(BlockListModel::CellContentsRole).value<QList<InlineText>>()));
        rows.append(parts.join(QLatin1Char('|')));
    }
    return rows;
}

QStringList rowsOfWhole(const QString& text) {
    BlockListModel fresh;
    fresh.setSource(text);
    return rowsOf(fresh);
}

// One parse of the whole, however the model cuts.
QStringList rowsOfOneParse(const QString& text) {
    QStringList rows;
    for (const MarkdownBlock& block : parseMarkdown(text)) {
        const bool isMath = block.kind == BlockListModel::Math;
        const QString shown = block.kind == BlockListModel::Code ? codeText(block.codeLines)
                              : isMath ? block.content.spans.front().target
                                       : plainText(block.content);
        QStringList parts{shown, block.language, QVariant(block.isRightToLeft).toString(),
                          QString::number(block.columns)};
        parts.append({told(block.content), told(block.containers), told(block.codeLines),
                      told(block.cells)});
        rows.append(parts.join(QLatin1Char('|')));
    }
    return rows;
}

// A paragraph, a list, code and a table, `nTimes`.
QString longAnswer(int nTimes) {
    QString text;
    for (int part = 0; part < nTimes; ++part)
        text +=
            QStringLiteral(
                "Paragraph %1 with **bold** words and `code`.\n\n1. one\n2. two\n   - nested\n\n"
                "```python\nfor x in range(%1):\n\n    print(x)\n```\n\n| a | b |\n|---|---|\n"
                "| %1 | 2 |\n\n> quoted\n\n")
                .arg(part);
    return text;
}

}  // namespace

class BlockListModelTest : public QObject {
    Q_OBJECT

private slots:
    void listRightBehindAnother_saysSo() {
        const auto begins = [](const char* source) {
            BlockListModel model;
            model.setSource(QString::fromUtf8(source));
            QString rows;
            for (int row = 0; row < model.rowCount(); ++row)
                rows += model.beginsList(row) ? u'+' : u'-';
            return rows;
        };
        QCOMPARE(begins("- a\n- b\n\n1. c\n2. d\n\n- e"), QStringLiteral("--+-+"));
        QCOMPARE(begins("1. a\n2. b\n\n1) c\n2) d"), QStringLiteral("--+-"));
        // What is deeper, and what else an item holds, is no list behind it.
        QCOMPARE(begins("1. a\n   - b\n   - c\n\n   d\n2. e"), QStringLiteral("-----"));
        QCOMPARE(begins("- a\n  1. b\n- c\n  1. d"), QStringLiteral("----"));
        QCOMPARE(begins("- [ ] a\n- [x] b\n- c"), QStringLiteral("---"));
        QCOMPARE(begins("1. a\n2. [ ] b\n3. c"), QStringLiteral("---"));
        // Another bullet begins another list.
        QCOMPARE(begins("- a\n- b\n* c\n* d\n\n+ e"), QStringLiteral("--+-+"));
        QCOMPARE(begins("- a\n  * b\n  + c\n- d"), QStringLiteral("--+-"));
        QCOMPARE(begins("- [ ] a\n* [x] b"), QStringLiteral("-+"));
        QCOMPARE(begins("- a\n\n> - b\n\n1. c"), QStringLiteral("---"));
    }
    void growingText_isAtEveryLengthWhatOneParseGives_data() {
        QTest::addColumn<QString>("text");
        const auto row = [](const char* tag, const QString& text) { QTest::newRow(tag) << text; };
        row("everything", longAnswer(2));
        row("loose list",
            QStringLiteral("Before\n\n- a\n\n- b\n\n  more of b\n\n  ```\n  x\n\n  y\n"
                           "  ```\n\n- c\n\nAfter\n\nEnd"));
        row("numbers",
            QStringLiteral("1. a\n\n2. b\n\n2024 was a year.\n\n10) c\n\nEnd\n\nreally"));
        row("list right after text", QStringLiteral("Text\n- a\n- b\n\nEnd\n\n* c\n+ d\n\nEnd"));
        row("headings by lines", QStringLiteral("One\n===\n\nTwo\n---\n\nThree\n\n---\n\nFour"));
        row("quotes", QStringLiteral("> a\nlazy\n\n> b\n>> c\n\nText\n\n> ```\n> x\n> ```\n\nEnd"));
        row("code by indentation", QStringLiteral("Text\n\n    code\n\n    ```\n\nEnd\n\nmore"));
        row("fences of other lengths",
            QStringLiteral(
                "````\n```\n\ntext in code\n\n```\n````\n\nEnd\n\n~~~\n```\n\nx\n~~~\n\nEnd"));
        row("code in a line like a fence", QStringLiteral("```not a fence``` here\n\nText\n\nEnd"));
        row("fence in an item, never closed",
            QStringLiteral("- a\n\n  ```\n  x\n\nText at the margin\n\nEnd"));
        row("bold and dashes",
            QStringLiteral("**A** one\n\n**B** two\n\n*C*\n\n-5 degrees\n\nEnd"));
        row("math", QStringLiteral("$$\na\n$$\n\n\\[ b \\]\n\nso \\(x\\) and\n\n$$c$$\n\nEnd"));
        row("a link defined below",
            QStringLiteral("See [it] and [that][two].\n\nMore\n\n[it]: https://a.example\n\n"
                           "End\n\n[two]: https://b.example\n\nEnd"));
        row("what looks like a definition in open code",
            QStringLiteral("See [r]\n\n1. a\n  ```\ntext\n\n[r]: https://e.org\n\nEnd [r]"));
        row("definitions in quotes and items",
            QStringLiteral("See [q], [i] and [j]\n\n> [q]: https://q.org\n\n- [i]: https://i.org"
                           "\n\nText\n\n  [j]:\n  https://j.org\n\nEnd"));
        row("windows lines",
            QStringLiteral("One\r\n\r\n- a\r\n\r\nTwo\r\n\r\n```\r\nx\r\n```\r\n\r\nEnd"));
        row("blanks with spaces", QStringLiteral("One\n  \nTwo\n\t\n- a\n \n- b\n \nEnd\n\nEnd"));
        row("table then text", QStringLiteral("| a |\n|---|\n| 1 |\ntext in it\n\nText\n\nEnd"));
        row("html",
            QStringLiteral("<div>\n\n<b>x</b>\n\n</div>\n\nEnd\n\n<!--\n\ny\n\n-->\n\nEnd"));
        row("chinese", QStringLiteral("第一段。\n\n- 一\n- 二\n\n第二段😀。\n\n第三段"));
    }
    void growingText_isAtEveryLengthWhatOneParseGives() {
        QFETCH(QString, text);
        BlockListModel model;
        QAbstractItemModelTester tester(&model);
        for (qsizetype length = 0; length <= text.size(); ++length) {
            model.setSource(text.left(length));
            QCOMPARE(rowsOf(model), rowsOfOneParse(text.left(length)));
        }
        QCOMPARE(rowsOfWhole(text), rowsOfOneParse(text));
    }

    // Random texts of what opens, goes on and ends blocks, in random chunks: what is shown does not
    // depend on how it came. Compared with the stream's own reading of the whole: one parse differs
    // where md4c 0.4.8 takes a fence or heading behind a table's row for another row, and a fence
    // right behind a quote's open fence for a paragraph; the stream parts the text there.
    void randomText_inChunks_isWhatTheWholeGives() {
        const QStringList parts{"- a",
                                "- ",
                                "* b",
                                "1. a",
                                "2. b",
                                "7) c",
                                "   - in",
                                "  more",
                                "      x",
                                "```",
                                "```c",
                                "~~~",
                                "  ```",
                                "> q",
                                "> - q",
                                "| a | b |",
                                "|---|---|",
                                "| 1 | 2 |",
                                "| م |",
                                "text",
                                "**b",
                                "---",
                                "===",
                                "# h",
                                "$$x$$",
                                "\\[",
                                "\\]",
                                "$x$",
                                "a $$ b",
                                "[r]",
                                "\n[r]: https://e.org\n",
                                "[r][]",
                                "",
                                "",
                                "",
                                " ",
                                "+ b",
                                "- - -",
                                "مرحبا",
                                "  1. n",
                                "``` x ```",
                                "> ```",
                                "    ```",
                                "$$",
                                "> [r]: https://e.org",
                                "- [r]: https://e.org",
                                "  [r]: https://e.org",
                                "x\ty",
                                "10. ten"};
        QRandomGenerator random(20260102);
        for (int round = 0; round < 1500; ++round) {
            QString text;
            for (int line = random.bounded(3, 16); line > 0; --line)
                text += parts[random.bounded(static_cast<int>(parts.size()))] + QLatin1Char('\n');
            BlockListModel model;
            for (qsizetype length = 0; length < text.size();) {
                length = std::min(length + random.bounded(1, 9), text.size());
                model.setSource(text.left(length));
                const QStringList rows = rowsOf(model), expected = rowsOfWhole(text.left(length));
                if (rows != expected)
                    qWarning().noquote() << text.left(length) << "\n--\n"
                                         << rows.join("\n") << "\n--\n"
                                         << expected.join("\n") << "\n--\n"
                                         << rowsOfOneParse(text.left(length)).join("\n");
                QCOMPARE(rows, expected);
            }
        }
    }

    void otherText_isParsedAnew() {
        BlockListModel model;
        model.setSource(QStringLiteral("One\n\nTwo\n\nThree"));
        model.setSource(QStringLiteral("One\n\nOther\n\nThree"));
        QCOMPARE(rowsOf(model), rowsOfOneParse(QStringLiteral("One\n\nOther\n\nThree")));
        model.setSource(QStringLiteral("One"));
        QCOMPARE(rowsOf(model), rowsOfOneParse(QStringLiteral("One")));
        model.setSource({});
        QCOMPARE(model.rowCount(), 0);
    }

    // Every case of the field in chunks, as one parse of the same text gives it.
    void casesOfTheField_inChunks_areWhatOneParseGives_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("chunk");
        const QStringList names =
            QDir(QStringLiteral(MARKDOWN_CASES)).entryList({QStringLiteral("*.md")});
        QVERIFY(names.size() >= 11);
        for (const QString& name : names)
            for (const int chunk : {1, 7, 64})
                QTest::newRow(qPrintable(name + QLatin1Char(' ') + QString::number(chunk)))
                    << name << chunk;
    }
    void casesOfTheField_inChunks_areWhatOneParseGives() {
        QFETCH(QString, name);
        QFETCH(int, chunk);
        QFile file(QStringLiteral(MARKDOWN_CASES "/") + name);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        BlockListModel model;
        for (qsizetype length = 0; length < text.size() + chunk; length += chunk) {
            QString part = text.left(length);
            if (!part.isEmpty() && part.back().isHighSurrogate()) part.chop(1);
            model.setSource(part);
            const QStringList rows = rowsOf(model), expected = rowsOfOneParse(part);
            if (rows != expected) qWarning().noquote() << "after" << part.right(200);
            QCOMPARE(rows, expected);
        }
    }

    // Written in steps of one token, a long answer of anything costs each step the block that is
    // open, not all that was written before.
    void growingText_costsWhatIsOpenOnly_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("mostInAStep");
        QTest::addColumn<int>("costOfACharacter");
        constexpr qsizetype kLength = 100'000;
        const auto repeated = [](const QString& part) {
            return part.repeated(kLength / part.size());
        };
        QTest::newRow("everything") << longAnswer(500) << 120 << 30;
        QTest::newRow("one block of code")
            << QStringLiteral("```cpp\n") + repeated("    int value = call(12);  // a comment\n")
            << 100 << 15;
        QTest::newRow("one list") << repeated("1. An item with **bold** words and `code`\n") << 100
                                  << 15;
        QTest::newRow("a loose list with code")
            << repeated("- An item\n\n  ```sh\n  ls\n  ```\n\n  and more\n\n") << 100 << 15;
        QTest::newRow("one table") << QStringLiteral("| a | b |\n|---|---|\n") +
                                          repeated("| a cell | another **cell** |\n")
                                   << 120 << 20;
        QTest::newRow("formulas") << repeated(
                                         "So \\(x^2\\) is\n\n$$\n\\frac{a}{b} = \\sqrt{c}\n$$\n\n")
                                  << 100 << 15;
        QTest::newRow("paragraphs")
            << repeated("A paragraph of words and no end.\nNext line.\n\n") << 100 << 15;
        QTest::newRow("references defined at last")
            << repeated("See [it][1] and that.\n\nMore of the words.\n\n") +
                   QStringLiteral("[1]: https://e.org\n\n") + repeated("The end of it.\n\n")
            << 110'000 << 30;
    }
    void growingText_costsWhatIsOpenOnly() {
        QFETCH(QString, text);
        BlockListModel model;
        qint64 most = 0;
        const auto cost = [&model] {
            return model.stream().parsedCharacters() + model.stream().highlightedCharacters();
        };
        qsizetype length = 0;
        for (; length < text.size(); length += 4) {
            const qint64 before = cost();
            model.setSource(text.left(length));
            most = std::max(most, cost() - before);
        }
        QFETCH(int, mostInAStep);
        QFETCH(int, costOfACharacter);
        qInfo() << "most in a step" << most << "of a character"
                << double(cost()) / double(text.size());
        QVERIFY2(most <= mostInAStep, qPrintable(QString::number(most)));
        QVERIFY(cost() <= text.size() * costOfACharacter);
        QCOMPARE(rowsOf(model), rowsOfWhole(text.left(length - 4)));
    }

    void settledBlocks_areNeverTouchedAgain() {
        const QString text = longAnswer(20);
        BlockListModel model;
        int lowest = 0, nTold = 0;
        connect(&model, &QAbstractItemModel::dataChanged, &model,
                [&](const QModelIndex& from) { lowest = std::min(lowest, from.row()), ++nTold; });
        connect(&model, &QAbstractItemModel::rowsRemoved, &model,
                [&](const QModelIndex&, int from) { lowest = std::min(lowest, from); });
        for (qsizetype length = 0; length < text.size(); length += 4) {
            // A list keeps its rows open until it has ended.
            lowest = model.rowCount();
            const int nBefore = model.rowCount();
            model.setSource(text.left(length));
            QVERIFY2(lowest >= nBefore - 4, qPrintable(QString::number(nBefore - lowest)));
        }
        QVERIFY(nTold > 0);
    }
};

QTEST_APPLESS_MAIN(BlockListModelTest)
#include "block_list_model_test.moc"

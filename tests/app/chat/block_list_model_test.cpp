// A message's blocks while it is being written: at every length what one parse of the whole gives,
// at the cost of the part that is still open.
#include "app/chat/block_list_model.h"

#include <QAbstractItemModelTester>
#include <QtTest>

#include "app/chat/markdown_blocks.h"
#include "app/chat/markdown_cut.h"

using namespace sotto::app;

namespace {

// What an inline text says, in one line.
QString told(const InlineText& content) {
    QString line = content.text;
    for (const InlineSpan& span : content.spans)
        line += QStringLiteral("{%1+%2 %3 %4}")
                    .arg(span.start)
                    .arg(span.length)
                    .arg(span.styles)
                    .arg(span.target);
    return line;
}

QString told(const QList<CodeLine>& lines) { return codeHtml(lines); }

QString told(const QList<InlineText>& cells) {
    QStringList parts;
    for (const InlineText& cell : cells) parts.append(told(cell));
    return parts.join(QLatin1Char('/'));
}

QString told(const QList<BlockContainer>& containers) {
    QString line;
    for (const BlockContainer& container : containers)
        line += QStringLiteral("(%1%2%3)")
                    .arg(container.isQuote() ? QStringLiteral(">") : QString(), container.marker,
                         container.isRightToLeft ? QStringLiteral("<-") : QString());
    return line;
}

// What a row says, in one line.
QStringList rowsOf(const BlockListModel& model) {
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row) {
        const auto value = [&](int role) { return model.data(model.index(row), role); };
        QStringList parts;
        for (const int role :
             {BlockListModel::TextRole, BlockListModel::LanguageRole, BlockListModel::IsOpenRole,
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
        const QStringList parts{shown,
                                block.language,
                                QVariant(block.isOpen).toString(),
                                QVariant(block.isRightToLeft).toString(),
                                QString::number(block.columns),
                                told(block.content),
                                told(block.containers),
                                told(block.codeLines),
                                told(block.cells)};
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

    // Written in steps of one token, a long answer costs each step the block that is open, not all
    // that was written before.
    void growingText_costsTheOpenBlockOnly() {
        const QString text = longAnswer(100);
        const QString part = longAnswer(1);
        BlockListModel model;
        qint64 nSteps = 0, most = 0;
        for (qsizetype length = 0; length < text.size(); length += 4, ++nSteps) {
            const qint64 before = model.parsedCharacters();
            model.setSource(text.left(length));
            most = std::max(most, model.parsedCharacters() - before);
        }
        // The longest open block is the list or the code; when it ends it is parsed once more.
        QVERIFY2(most <= part.size(), qPrintable(QString::number(most)));
        QVERIFY2(model.parsedCharacters() < nSteps * part.size() / 2,
                 qPrintable(QString::number(model.parsedCharacters())));
        QCOMPARE(rowsOf(model), rowsOfOneParse(text.left((nSteps - 1) * 4)));
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

    void cut_isNoneWhereALinkIsDefined() {
        QVERIFY(findMarkdownCut(QStringLiteral("a\n\n[x]: y")).hasDefinition);
        QVERIFY(findMarkdownCut(QStringLiteral("a\n\n> [x]: y")).hasDefinition);
        QVERIFY(!findMarkdownCut(QStringLiteral("```\n[1]: y\n```\n\na")).hasDefinition);
        QVERIFY(!findMarkdownCut(QStringLiteral("for x in a[1:]: pass")).hasDefinition);
    }
};

QTEST_APPLESS_MAIN(BlockListModelTest)
#include "block_list_model_test.moc"

// Markdown to a flat list of blocks that QML can draw one delegate each.
//
// md4c parses (GitHub dialect, raw HTML shown as text but for a few inline tags, images by their
// description: nothing is ever fetched); links are kept for http, https and mailto. What stands in
// quotes and list items says so by its containers, whatever its kind. Pure functions, any thread.
// Source of the grammar: CommonMark 0.30 and the GFM tables extension.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QList>
#include <QMetaType>
#include <QString>
#include <optional>

#include "app/chat/block_list_model.h"
#include "app/chat/code_highlighter.h"
#include "app/chat/inline_text.h"

namespace sotto::app {

// A quote or list item around a block.
struct BlockContainer {
    Q_GADGET
    QML_VALUE_TYPE(blockContainer)
    Q_PROPERTY(bool isQuote READ isQuote)
    Q_PROPERTY(QString marker MEMBER marker)
    Q_PROPERTY(bool isRightToLeft MEMBER isRightToLeft)

public:
    enum Kind { Quote, Item };
    Kind kind = Quote;
    QString marker;  // "•", "◦", "3.", "☐", "☑" with the first block of its item only
    bool isRightToLeft = false;
    QString mark;  // the marker as Markdown has it: "-", "*", "+", "3.", "3)"

    bool isQuote() const { return kind == Quote; }
    bool operator==(const BlockContainer&) const = default;
};

struct MarkdownBlock {
    BlockListModel::Kind kind = BlockListModel::Paragraph;
    InlineText content;                // Paragraph, Heading; Math: its formula alone
    QList<CodeLine> codeLines;         // Code
    QString language;                  // Code: info string, may be empty
    int level = 0;                     // Heading: 1..6
    int columns = 0;                   // Table
    QList<InlineText> cells;           // Table: row by row, header first
    QList<int> alignments;             // Table: Qt::Alignment per column
    QList<BlockContainer> containers;  // outermost first
    bool isRightToLeft = false;        // its own text; code and formulas never

    bool operator==(const MarkdownBlock&) const = default;
};

// `firstNumber`: where the text begins with an ordered list that goes on with this number, whatever
// is written.
QList<MarkdownBlock> parseMarkdown(const QString& source,
                                   std::optional<unsigned> firstNumber = std::nullopt);

}  // namespace sotto::app

// MarkdownStream: the blocks of a Markdown text that is still being written, at the cost of what is
// open.
//
// Settled blocks are never parsed or highlighted again. An open fence and an open table at the
// margin get lines and rows appended; a list is parsed from its last item; anything else from the
// last border (markdown_border). A link that is defined later parses those parts again that refer
// to it. The blocks themselves are kept by whoever applies the changes. One thread at a time.
#pragma once

#include <QList>
#include <QString>
#include <optional>
#include <vector>

#include "app/chat/code_highlighter.h"
#include "app/chat/markdown_blocks.h"
#include "app/chat/markdown_border.h"

namespace sotto::app {

// What has become of the blocks, in this order.
struct MarkdownChange {
    struct Row {
        qsizetype row = 0;
        MarkdownBlock block;
    };
    // Settled blocks whose links have got a target.
    std::vector<Row> replaced;
    // Open code or an open table, -1: none. Of its lines or cells `nKept` stay and these follow.
    qsizetype extendedRow = -1;
    qsizetype nKept = 0;
    QList<CodeLine> lines;
    QList<InlineText> cells;
    bool isRightToLeft = false;
    // The blocks from this row on, in place of those there.
    qsizetype firstRow = 0;
    QList<MarkdownBlock> rows;
};

class MarkdownStream {
public:
    // The text now. Of one that has grown only the end is parsed.
    MarkdownChange setSource(const QString& source);

    // What all this has cost so far.
    qint64 parsedCharacters() const { return m_parsedCharacters; }
    qint64 highlightedCharacters() const { return m_highlightedCharacters; }

private:
    // A stretch of settled text and its blocks.
    struct Part {
        qsizetype begin = 0;
        qsizetype end = 0;
        qsizetype firstRow = 0;
        qsizetype nRows = 0;
        BorderContext context;   // at its begin
        bool isInTable = false;  // some of its cells are another part's row
    };

    void reset();
    QStringView rest() const { return QStringView(m_source).mid(m_nSettled); }
    QList<MarkdownBlock> parse(const QString& text, const BorderContext& context);
    QString definitionsFor(const QString& text) const;
    QList<LinkDefinition> definitionsIn(const QString& text, const BorderContext& context);
    QList<LinkDefinition> definitionsOfRest();
    bool takeDefinitions(MarkdownChange& change);
    bool refersTo(QStringView text, const LinkDefinition& definition) const;

    bool settle(const MarkdownBorder& border, MarkdownChange& change);
    void enterFence(MarkdownChange& change);
    bool takeFenceLines(MarkdownChange& change);
    void addLine(const QString& line, MarkdownChange& change);
    void addCells(const QList<InlineText>& cells, MarkdownChange& change);
    void takeTail(MarkdownChange& change);
    void addRows(const QList<MarkdownBlock>& blocks, MarkdownChange& change);

    QString m_source;
    qsizetype m_nSettled = 0;  // characters before the last border
    BorderContext m_context;   // there
    qsizetype m_nRows = 0;     // settled blocks, one that is extended among them
    std::vector<Part> m_parts;
    QList<LinkDefinition> m_definitions;  // of the whole text so far
    qsizetype m_nSettledDefinitions = 0;  // of them, before the border
    bool m_isWhole = false;               // nothing can be settled

    // Of the open fence or table.
    std::optional<CodeHighlighter> m_highlighter;
    qsizetype m_nOpen = 0;  // its settled lines or cells
    TextDirection m_openDirection = TextDirection::None;

    qint64 m_parsedCharacters = 0;
    qint64 m_highlightedCharacters = 0;
};

}  // namespace sotto::app

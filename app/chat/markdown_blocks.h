// Markdown to a flat list of blocks that QML can draw one delegate each.
//
// md4c parses (GitHub dialect, raw HTML shown as text, images by their description: nothing is ever
// fetched). Inline HTML uses <b> <i> <s> <code> <a> <br> only; links are kept for http, https and
// mailto. Pure functions, any thread. Source of the grammar: CommonMark 0.30 and the GFM tables
// extension.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>

#include "app/chat/block_list_model.h"

namespace sotto::app {

struct MarkdownBlock {
    BlockListModel::Kind kind = BlockListModel::Paragraph;
    QString html;    // inline HTML; code: highlighted spans with classes k s f n c
    QString text;    // plain source
    int level = 0;   // heading 1..6; list item and quote: depth from 0
    QString marker;  // list item; empty for its further paragraphs
    QString language;
    bool isOpen = false;  // code whose closing fence has not come yet
    int columns = 0;
    QStringList cells;  // inline HTML, row by row, header first
    QList<int> alignments;

    bool operator==(const MarkdownBlock&) const = default;
};

QList<MarkdownBlock> parseMarkdown(const QString& source);

}  // namespace sotto::app

// Where a Markdown text that is still being written may be parted: what stands before is settled,
// whatever follows, and what follows is parsed on its own.
//
// Errs on the side of too few borders: before a line at the margin that follows a blank one, that
// begins an item of a list at the margin, or a fence; behind a row of a table. Never inside what a
// displayed formula may take up. Pure functions, linear in the text, any thread.
#pragma once

#include <QChar>
#include <QList>
#include <QString>
#include <QStringView>

namespace sotto::app {

// What is open at a border.
struct BorderContext {
    enum Kind { Top, List, Table, Fence } kind = Top;
    // List: its bullet, or what stands behind its numbers, which go on with `next`; 0: bullets.
    QChar mark;  // Fence: ` or ~
    unsigned next = 0;
    qsizetype length = 0;  // Fence: how many marks it has
    QString header;        // Table: its first two lines
};

struct MarkdownBorder {
    qsizetype position = 0;
    bool isSet = false;  // false: there is none
    BorderContext context;
};

// The last border of a text that begins at one, or the first behind some 500 characters, or the
// first that opens a fence: before the fence's line.
MarkdownBorder findBorder(QStringView text, const BorderContext& begin);

// Whether this line ends the fence.
bool closesFence(QStringView line, const BorderContext& fence);

// A link reference definition, or what looks like one and shows nothing.
struct LinkDefinition {
    QString label;
    QString source;  // from the [ on, whatever quote or item it stands in

    bool operator==(const LinkDefinition&) const = default;
};
// Those of a text that begins at a border, a table's with its header; md4c reads it for that. They
// change text anywhere above and below.
QList<LinkDefinition> findDefinitions(const QString& text);

}  // namespace sotto::app

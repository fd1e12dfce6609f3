// selected_text: a part of a conversation's text in the forms that the clipboard takes.
//
// Positions in a block are UTF-16 units of its parts one after the other, with one unit between two
// parts: the lines of code, the cells of a table. What is copied of code is exactly what was
// written. Pure functions, any thread.
#pragma once

#include <QString>

#include "app/chat/markdown_blocks.h"

namespace sotto::app {

struct SelectedText {
    QString plain;
    QString html;
    QString markdown;
};

// Units of the whole block.
int blockLength(const MarkdownBlock& block);

// Takes the selected blocks in their order. Neighbours stay in the lists and quotes that they
// share.
class SelectedBlocks {
public:
    // Units [from, to) of it.
    void add(const MarkdownBlock& block, int from, int to);
    // Text as it was typed.
    void addTyped(const QString& text);
    // The same as a quote of its own, below this title if there is one.
    void addThinking(const QString& text, const QString& title);
    // What follows is in no list or quote with what was before.
    void endMessage() { close(0); }

    SelectedText take();

private:
    // A quote or an item that what is added next may still be in.
    struct Open {
        bool isQuote = false;
        QChar mark;            // its bullet, or what stands behind its number
        int number = -1;       // of an ordered item; -1: it is none
        bool isMarked = true;  // false: what is selected begins amid the item, which is then none
        QString indent;        // of its lines in Markdown but the first
    };

    void addIn(const QList<BlockContainer>& containers, bool isFromStart, SelectedText next);
    static Open opened(const BlockContainer& container, bool isFromStart);
    static bool isNext(const Open& open, const BlockContainer& container);
    void open(Open next);
    void close(qsizetype depth);
    void separate(qsizetype nShared, bool isTight, const SelectedText& next);

    SelectedText m_all;
    QList<Open> m_open;  // outermost first
};

}  // namespace sotto::app

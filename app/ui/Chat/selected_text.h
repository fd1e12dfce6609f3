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

    // One after the other, a blank line between them.
    void add(const SelectedText& next, bool isTight = false);
};

// Of the whole block.
int blockLength(const MarkdownBlock& block);
// Of the units [from, to).
SelectedText selectedText(const MarkdownBlock& block, int from, int to);
// The same of text as it was typed.
SelectedText typedText(const QString& text);

}  // namespace sotto::app

// styled_runs: an InlineText as runs of characters with one format each, as documents and layouts
// take them. GUI thread only.
#pragma once

#include <QList>
#include <QString>
#include <QTextCharFormat>

#include "app/chat/inline_text.h"
#include "app/ui/Chat/text_style.h"

namespace sotto::app {

struct StyledRun {
    int start = 0;
    QString text;  // at least one character
    QTextCharFormat format;

    bool operator==(const StyledRun&) const = default;
};

// Of the text's characters. Spans of code that touch are one chip.
struct CodeChip {
    int start = 0;
    int end = 0;
};

struct StyledRuns {
    QList<StyledRun> runs;
    QList<CodeChip> chips;
};

StyledRuns styledRuns(const InlineText& text, const TextStyle& style);

// For screen readers: formulas in words.
QString spokenText(const InlineText& text, const TextStyle& style);

// px, of the widest of its lines without breaking any.
double naturalWidth(const InlineText& text, const TextStyle& style);
double tallestFormula(const InlineText& text, const TextStyle& style);  // px, 0: none
// At this width in px, as TextEdit breaks it.
int lineCount(const InlineText& text, const TextStyle& style, double width);

}  // namespace sotto::app

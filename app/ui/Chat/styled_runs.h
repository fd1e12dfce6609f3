// styled_runs: an InlineText as runs of characters with one format each, as documents and layouts
// take them. GUI thread only.
#pragma once

#include <QList>
#include <QPointF>
#include <QString>
#include <QTextCharFormat>

#include "app/chat/inline_text.h"
#include "app/ui/Chat/text_style.h"

class QPainter;

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

// The marks right behind a formula that no line may begin with. Qt breaks a line behind every
// inline object, so they stand in the formula's place, where TextUnderlay draws them, and the
// characters themselves are neither wide nor seen.
struct HeldMarks {
    int formula = -1;  // its character
    int length = 0;    // of the text behind it
    double width = 0;  // px, at the end of the formula's place
};

struct StyledRuns {
    QList<StyledRun> runs;
    QList<CodeChip> chips;
    QList<HeldMarks> held;
};

StyledRuns styledRuns(const InlineText& text, const TextStyle& style);

// For screen readers: formulas in words.
QString spokenText(const InlineText& text, const TextStyle& style);

// One line of it in the painter's pen, where its formats have no colour; from its left end.
void drawLine(QPainter& painter, const InlineText& text, const TextStyle& style, QPointF baseline,
              Qt::LayoutDirection direction);

// px, of the widest of its lines without breaking any.
double naturalWidth(const InlineText& text, const TextStyle& style);
double tallestFormula(const InlineText& text, const TextStyle& style);  // px, 0: none
// At this width in px, as TextEdit breaks it.
int lineCount(const InlineText& text, const TextStyle& style, double width);

}  // namespace sotto::app

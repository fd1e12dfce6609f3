#include "app/ui/Chat/styled_runs.h"

#include <QFontMetricsF>
#include <QTextLayout>
#include <QTextOption>
#include <algorithm>

#include "app/ui/Chat/formula_object.h"

namespace sotto::app {
namespace {

void layOut(QTextLayout& layout, const InlineText& text, const TextStyle& style, double width,
            Qt::LayoutDirection direction = Qt::LayoutDirectionAuto) {
    QList<QTextLayout::FormatRange> ranges;
    for (const StyledRun& run : styledRuns(text, style).runs)
        if (run.format.propertyCount() > 0)
            ranges.push_back({run.start, static_cast<int>(run.text.size()), run.format});
    layout.setFormats(ranges);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    option.setTextDirection(direction);
    layout.setTextOption(option);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine())
        line.setLineWidth(width);
    layout.endLayout();
}

constexpr QChar kFirstWide = u'\u2e80';  // of the blocks of Chinese, Japanese and Korean
constexpr int kHiddenEm = 1;             // px

QFont hiddenFont(const TextStyle& style) {
    QFont font = style.font();
    font.setPixelSize(kHiddenEm);
    return font;
}

// Commas, stops, closing brackets and closing quotation marks; not an apostrophe within a word.
bool isClosing(const QString& text, qsizetype at) {
    const QChar mark = text[at];
    const bool isApostrophe = mark == u'\'' || mark == u'\u2019';
    const bool isInWord =
        at + 1 < text.size() && text[at + 1].isLetter() && text[at + 1] < kFirstWide;
    if (isApostrophe && isInWord) return false;
    return mark.category() == QChar::Punctuation_Close ||
           mark.category() == QChar::Punctuation_FinalQuote ||
           QStringView(
               u",.:;?!'\"\u2026\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff1f\uff01"
               u"\u060c\u061b\u061f")
               .contains(mark);
}

HeldMarks marksBehind(int formula, const InlineText& text, const TextStyle& style) {
    qsizetype end = text.text.size();
    for (const InlineSpan& span : text.spans)
        if (span.start > formula && span.styles & (Code | Formula)) {
            end = span.start;
            break;
        }
    HeldMarks held{formula, 0, 0};
    while (formula + 1 + held.length < end && isClosing(text.text, formula + 1 + held.length))
        ++held.length;
    if (held.length == 0) return held;
    const InlineText marks = mid(text, formula + 1, held.length);
    // With what their letter spacing takes back too much.
    const double hiddenWidth = QFontMetricsF(hiddenFont(style)).horizontalAdvance(marks.text);
    held.width = naturalWidth(marks, style) + std::max(0.0, held.length * kHiddenEm - hiddenWidth);
    return held;
}

// Too small to be seen, where it is selected too, and in no font of any width.
QTextCharFormat hidden(QTextCharFormat format, const TextStyle& style) {
    format.setFont(hiddenFont(style), QTextCharFormat::FontPropertiesSpecifiedOnly);
    format.setFontLetterSpacingType(QFont::AbsoluteSpacing);
    format.setFontLetterSpacing(format.fontLetterSpacing() - kHiddenEm);
    format.setForeground(Qt::transparent);
    return format;
}

int length(const StyledRun& run) { return static_cast<int>(run.text.size()); }

void holdMarks(StyledRuns& styled, const InlineText& text, const TextStyle& style) {
    QList<StyledRun> runs;
    int heldEnd = 0;
    for (StyledRun& run : styled.runs) {
        if (run.format.objectType() == kFormulaObject) {
            const HeldMarks held = marksBehind(run.start, text, style);
            heldEnd = run.start + 1 + held.length;
            if (held.length > 0) {
                addRoom(run.format, held.width);
                styled.held.push_back(held);
            }
        }
        const bool isMark = run.format.objectType() != kFormulaObject;
        const int nMarks = isMark ? std::clamp(heldEnd - run.start, 0, length(run)) : 0;
        if (nMarks > 0)
            runs.push_back({run.start, run.text.first(nMarks), hidden(run.format, style)});
        if (nMarks < length(run))
            runs.push_back({run.start + nMarks, run.text.mid(nMarks), run.format});
    }
    styled.runs = std::move(runs);
}

}  // namespace

StyledRuns styledRuns(const InlineText& text, const TextStyle& style) {
    StyledRuns styled;
    QList<CodeChip>& chips = styled.chips;
    const auto add = [&](int from, int to, quint16 styles, const QString& target) {
        if (to <= from) return;
        const QTextCharFormat format = style.format(styles & ~(Formula | DisplayFormula), target);
        styled.runs.push_back({from, text.text.mid(from, to - from),
                               styles & Formula ? formulaFormat(target, styles, style) : format});
    };
    const bool isRightToLeft = text.text.isRightToLeft();
    int at = 0;
    for (qsizetype index = 0; index < text.spans.size(); ++index) {
        const InlineSpan& span = text.spans[index];
        const int end = span.start + span.length;
        const bool isCode = span.styles & Code;
        const bool goesOn = isCode && !chips.isEmpty() && chips.back().end == span.start;
        const bool isLast = index + 1 == text.spans.size();
        const int next = isLast ? static_cast<int>(text.text.size()) : text.spans[index + 1].start;
        const bool isFollowed = !isLast && next == end && text.spans[index + 1].styles & Code;
        // The padding of a chip is space after the character at its left and after its own last
        // one. In right-to-left text the one at its left comes after it.
        const bool isPadded = isCode && !goesOn && span.start > at && !isRightToLeft;
        add(at, span.start - isPadded, 0, {});
        if (isPadded) add(span.start - 1, span.start, SpaceAfter, {});
        const bool isBeforeChip = isFollowed && !isRightToLeft && !(span.styles & Formula);
        const bool isEnd = isCode ? !isFollowed : isBeforeChip;
        add(span.start, end - isEnd, span.styles, span.target);
        if (isEnd) add(end - 1, end, span.styles | SpaceAfter, span.target);
        if (goesOn)
            chips.back().end = end;
        else if (isCode)
            chips.push_back({span.start, end});
        at = end;
        if (isCode && isRightToLeft && next > end) {
            add(end, end + 1, SpaceAfter, {});
            at = end + 1;
        }
    }
    add(at, static_cast<int>(text.text.size()), 0, {});
    if (text.text.contains(QChar::ObjectReplacementCharacter)) holdMarks(styled, text, style);
    return styled;
}

QString spokenText(const InlineText& text, const TextStyle& style) {
    if (style.formulas() == nullptr) return plainText(text);
    InlineText spoken = text;
    // From the end, so that what is before keeps its place.
    for (auto span = text.spans.crbegin(); span != text.spans.crend(); ++span)
        if (span->styles & Formula)
            spoken.text.replace(span->start, 1, style.formulas()->spoken(span->target));
    spoken.spans.clear();
    return plainText(spoken);
}

void drawLine(QPainter& painter, const InlineText& text, const TextStyle& style, QPointF baseline,
              Qt::LayoutDirection direction) {
    QTextLayout layout(text.text, style.font());
    layOut(layout, text, style, naturalWidth(text, style) + 1, direction);
    const QTextLine line = layout.lineAt(0);
    layout.draw(&painter, baseline - QPointF(line.naturalTextRect().x(), line.y() + line.ascent()));
}

double naturalWidth(const InlineText& text, const TextStyle& style) {
    QTextLayout layout(text.text, style.font());
    layOut(layout, text, style, 1e6);
    double width = 0;
    for (int line = 0; line < layout.lineCount(); ++line)
        width = std::max(width, layout.lineAt(line).naturalTextWidth());
    if (!text.text.contains(QChar::ObjectReplacementCharacter)) return width;
    // A layout alone gives formulas no place.
    for (const StyledRun& run : styledRuns(text, style).runs)
        if (run.format.objectType() == kFormulaObject) width += formulaSize(run.format).width();
    return width;
}

double tallestFormula(const InlineText& text, const TextStyle& style) {
    if (!text.text.contains(QChar::ObjectReplacementCharacter)) return 0;
    double height = 0;
    for (const StyledRun& run : styledRuns(text, style).runs)
        if (run.format.objectType() == kFormulaObject)
            height = std::max(height, formulaSize(run.format).height());
    return height;
}

int lineCount(const InlineText& text, const TextStyle& style, double width) {
    QTextLayout layout(text.text, style.font());
    layOut(layout, text, style, width);
    return std::max(1, layout.lineCount());
}

}  // namespace sotto::app

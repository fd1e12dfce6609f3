#include "app/ui/Chat/styled_runs.h"

#include <QTextLayout>
#include <QTextOption>
#include <algorithm>

#include "app/ui/Chat/formula_object.h"

namespace sotto::app {
namespace {

void layOut(QTextLayout& layout, const InlineText& text, const TextStyle& style, double width) {
    QList<QTextLayout::FormatRange> ranges;
    for (const StyledRun& run : styledRuns(text, style).runs)
        if (run.format.propertyCount() > 0)
            ranges.push_back({run.start, static_cast<int>(run.text.size()), run.format});
    layout.setFormats(ranges);
    QTextOption option;
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    layout.setTextOption(option);
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine())
        line.setLineWidth(width);
    layout.endLayout();
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

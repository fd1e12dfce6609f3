#include "app/ui/Chat/flow_source.h"

#include <QAbstractTextDocumentLayout>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextLayout>
#include <algorithm>

#include "app/ui/Chat/formula_object.h"
#include "app/ui/Chat/styled_document.h"
#include "app/ui/Chat/styled_runs.h"
#include "app/ui/Chat/wrap_meter.h"

namespace sotto::app {
namespace {

// Laid out at once, so that a paragraph of any length costs the same for each of its characters.
constexpr int kWindow = 8 * FlowSource::kPart;

// The first unit that is not the same in both, or whose format depends on one that is not.
int firstDifference(const InlineText& before, const InlineText& after) {
    const auto differs = std::mismatch(before.text.cbegin(), before.text.cend(),
                                       after.text.cbegin(), after.text.cend());
    auto first = static_cast<int>(differs.first - before.text.cbegin());
    const auto [old, now] = std::mismatch(before.spans.cbegin(), before.spans.cend(),
                                          after.spans.cbegin(), after.spans.cend());
    const bool hasOld = old != before.spans.cend();
    const bool hasNew = now != after.spans.cend();
    const bool grows = hasOld && hasNew && old->start == now->start && old->styles == now->styles &&
                       old->target == now->target;
    if (grows) {
        first = std::min(first, old->start + std::min(old->length, now->length));
    } else {
        if (hasOld) first = std::min(first, old->start);
        if (hasNew) first = std::min(first, now->start);
    }
    return std::max(0, first - 1);  // the padding of a code chip is the space before it
}

bool isRightToLeft(char32_t character) {
    switch (QChar::direction(character)) {
        case QChar::DirR:
        case QChar::DirAL:
        case QChar::DirAN:
        case QChar::DirLRE:
        case QChar::DirLRO:
        case QChar::DirLRI:
        case QChar::DirRLE:
        case QChar::DirRLO:
        case QChar::DirRLI:
        case QChar::DirFSI: return true;
        default: return false;
    }
}

bool hasRightToLeft(QStringView text) {
    constexpr char16_t kFirst = 0x0590;  // Hebrew; nothing before it goes to the left
    for (qsizetype at = 0; at < text.size(); ++at) {
        const QChar unit = text[at];
        if (unit.unicode() < kFirst || unit.isLowSurrogate()) continue;
        const bool isPair = unit.isHighSurrogate() && at + 1 < text.size();
        if (isRightToLeft(isPair ? QChar::surrogateToUcs4(unit, text[at + 1]) : unit.unicode()))
            return true;
    }
    return false;
}

// Where a line breaks between two such characters depends on nothing before them.
bool isBrokenByPairs(QChar character) {
    switch (character.script()) {
        case QChar::Script_Common:
        case QChar::Script_Latin:
        case QChar::Script_Greek:
        case QChar::Script_Cyrillic:
        case QChar::Script_Han:
        case QChar::Script_Hiragana:
        case QChar::Script_Katakana:
        case QChar::Script_Hangul: return !character.isSurrogate();
        default: return false;
    }
}

// As a TextPart does, whose document this is not.
void layOut(QTextDocument& document, const InlineText& text, const TextStyle& style, double width) {
    document.setUndoRedoEnabled(false);
    document.setDocumentMargin(0);
    document.setDefaultFont(style.font());
    QTextOption option = document.defaultTextOption();
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    document.setDefaultTextOption(option);
    document.setTextWidth(width);
    QTextCursor cursor(&document);
    cursor.beginEditBlock();
    cursor.setBlockFormat(lineFormat(style, tallestFormula(text, style) > style.lineHeight()));
    for (const StyledRun& run : styledRuns(text, style).runs)
        cursor.insertText(run.text, run.format);
    cursor.endEditBlock();
}

}  // namespace

void FlowSource::setContent(const InlineText& content) {
    if (content == m_content) return;
    const int changedFrom = firstDifference(m_content, content);
    m_content = content;
    // What is before the change is as it was.
    const QStringView text = m_content.text;
    m_isRightToLeft = hasRightToLeft(m_isRightToLeft ? text : text.mid(changedFrom));
    recut(changedFrom);
    emit contentChanged();
}

void FlowSource::setStyle(TextStyle* style) {
    if (style == m_style) return;
    if (m_style != nullptr) m_style->disconnect(this);
    m_style = style;
    if (m_style != nullptr) {
        connect(m_style, &TextStyle::restyled, this, [this] { recut(0); });
        connect(m_style, &TextStyle::formulaChanged, this, [this](const QString& tex) {
            const auto& spans = m_content.spans;
            const auto formula =
                std::find_if(spans.cbegin(), spans.cend(), [&tex](const InlineSpan& span) {
                    return span.styles & Formula && span.target == tex;
                });
            if (formula != spans.cend()) recut(formula->start);
        });
    }
    emit shapeChanged();
    recut(0);
}

void FlowSource::setWidth(double width) {
    if (width == m_width) return;
    m_width = width;
    emit shapeChanged();
    recut(0);
}

QString FlowSource::spokenText() const {
    return isCut() ? sotto::app::spokenText(m_content, *m_style) : QString();
}

void FlowSource::recut(int changedFrom) {
    const auto nBefore = m_cuts.size();
    const bool isWhole =
        m_style == nullptr || m_width <= 0 || length() <= kMostOpen || m_isRightToLeft;
    const auto moved = std::find_if(m_cuts.begin(), m_cuts.end(), [=](const Cut& cut) {
        return isWhole || cut.decidedBy > changedFrom;
    });
    const auto nKept = static_cast<std::size_t>(moved - m_cuts.begin());
    m_cuts.erase(moved, m_cuts.end());
    if (!isWhole) cutLast();
    std::vector<double> heights(m_cuts.size());
    std::transform(m_cuts.begin(), m_cuts.end(), heights.begin(),
                   [](const Cut& cut) { return cut.height; });
    m_closed.setSizes(heights);
    emit partsChanged(static_cast<int>(nKept), static_cast<int>(std::max(nBefore, m_cuts.size())));
    if (nBefore != nKept || m_cuts.size() != nKept) emit cutsChanged();
    if (nBefore > 0 || isCut()) emit spokenTextChanged();
}

void FlowSource::cutLast() {
    while (length() - partStart(lastPart()) > kMostOpen)
        if (!cutWindow(std::min(kWindow, length() - partStart(lastPart())))) return;
}

// False: there is nowhere to cut it.
bool FlowSource::cutWindow(int size) {
    const int start = partStart(lastPart());
    const auto nBefore = m_cuts.size();
    // What is behind may still move the end of the last line but one.
    const int last = start + size - (start + size == length() ? kLeastOpen : 1);
    FormulaObject formulas;
    QTextDocument document;
    document.documentLayout()->registerHandler(kFormulaObject, &formulas);
    layOut(document, mid(m_content, start, size), *m_style, m_width);
    const QTextLayout& layout = *document.firstBlock().layout();
    int firstLine = 0;
    for (int line = 1; line + 1 < layout.lineCount(); ++line) {
        const int begin = partStart(lastPart());
        const int next = start + layout.lineAt(line).textStart();
        if (next - begin < kPart || next > last) continue;
        if (!mayCut(start + layout.lineAt(line - 1).textStart(), next)) continue;
        const bool isBreak = m_content.text[next - 1] == QChar::LineSeparator;
        const InlineText closed = mid(m_content, begin, next - begin);
        const bool isTall = tallestFormula(closed, *m_style) > m_style->lineHeight();
        const double height = isTall ? layout.lineAt(line).y() - layout.lineAt(firstLine).y()
                                     : (line - firstLine) * m_style->lineHeight();
        m_cuts.push_back(
            {next - isBreak, next, start + layout.lineAt(line + 1).textStart(), height});
        firstLine = line;
    }
    return m_cuts.size() > nBefore;
}

bool FlowSource::mayCut(int lineBegin, int lineEnd) const {
    const QStringView line = QStringView(m_content.text).mid(lineBegin, lineEnd - lineBegin);
    const QChar last = line.back();
    const bool isBroken =
        last.isSpace() || (isBrokenByPairs(last) && isBrokenByPairs(m_content.text[lineEnd]));
    if (!isBroken || line.size() < 2) return false;
    // A line is as high as the fonts in it, and that of a space at its end counts only where the
    // text ends there: it has to be another character's, too.
    const bool isOneFont =
        isWide(last) == isWide(line[line.size() - 2]) || line.chopped(1).contains(last);
    // Nor is the padding of a code chip at the end of each of its lines.
    return isOneFont &&
           std::none_of(
               m_content.spans.cbegin(), m_content.spans.cend(), [lineEnd](const InlineSpan& span) {
                   const int end = span.start + span.length;
                   return span.styles & Code ? span.start <= lineEnd && end >= lineEnd - 1
                                             : span.start == lineEnd - 1 || end == lineEnd - 1;
               });
}

InlineText FlowSource::part(int part) const {
    // Before its width is known, a long text is not laid out.
    if (part < 0 || part > lastPart() || (m_width <= 0 && length() > kMostOpen)) return {};
    if (!isCut()) return m_content;
    const int start = partStart(part);
    const int end = part == lastPart() ? length() : m_cuts[static_cast<std::size_t>(part)].end;
    return mid(m_content, start, end - start);
}

int FlowSource::partStart(int part) const {
    return part <= 0 || part > lastPart() ? 0 : m_cuts[static_cast<std::size_t>(part) - 1].next;
}

}  // namespace sotto::app

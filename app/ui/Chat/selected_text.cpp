#include "app/ui/Chat/selected_text.h"

#include <QRegularExpression>
#include <algorithm>
#include <utility>

namespace sotto::app {
namespace {

InlineText cut(const InlineText& text, int start, int from, int to) {
    const int first = std::max(0, from - start);
    const int end = std::min(static_cast<int>(text.text.size()), to - start);
    return end > first ? mid(text, first, end - first) : InlineText();
}

SelectedText codeOf(const MarkdownBlock& block, int from, int to) {
    const QString code = codeText(block.codeLines).mid(from, to - from);
    // Longer than any run of backticks in it.
    QString fence = QStringLiteral("```");
    while (code.contains(fence)) fence += u'`';
    return {code, QStringLiteral("<pre><code>%1</code></pre>").arg(code.toHtmlEscaped()),
            fence + block.language + u'\n' + code + u'\n' + fence};
}

SelectedText inlineOf(const InlineText& part) {
    return {plainText(part), toHtml(part), toMarkdown(part)};
}

// In one line; of code the bars are not escaped yet.
QString cellForMarkdown(const InlineText& cell) {
    static const QRegularExpression kBar(QStringLiteral("(?<!\\\\)\\|"));
    return toMarkdown(cell)
        .replace(QStringLiteral("\\\n"), QStringLiteral("<br>"))
        .replace(kBar, QStringLiteral("\\|"));
}

SelectedText tableOf(const MarkdownBlock& block, int from, int to) {
    SelectedText found;
    QStringList plainRow, htmlRow, markdownRow;
    int start = 0;
    int nRows = 0;
    for (qsizetype cell = 0; cell < block.cells.size(); ++cell) {
        const InlineText& text = block.cells[cell];
        const int end = start + static_cast<int>(text.text.size());
        if (from >= start && to <= end) return inlineOf(cut(text, start, from, to));
        const bool isTouched = start < to && end >= from;
        const InlineText part = cut(text, start, from, to);
        // A row keeps all its columns, so that what is copied stays a table.
        if (isTouched) plainRow.append(plainText(part));
        htmlRow.append(toHtml(part));
        markdownRow.append(cellForMarkdown(part));
        start = end + 1;
        if ((cell + 1) % block.columns != 0) continue;
        if (!plainRow.isEmpty()) {
            const QString tag = cell < block.columns ? QStringLiteral("th") : QStringLiteral("td");
            const QString between = QStringLiteral("</%1><%1>").arg(tag);
            found.plain += (nRows > 0 ? QStringLiteral("\n") : QString()) + plainRow.join(u'\t');
            found.html += QStringLiteral("<tr><%1>%2</%1></tr>").arg(tag, htmlRow.join(between));
            found.markdown +=
                QStringLiteral("| %1 |\n").arg(markdownRow.join(QStringLiteral(" | ")));
            if (nRows++ == 0)
                found.markdown += u'|' + QStringLiteral("---|").repeated(block.columns) + u'\n';
        }
        plainRow.clear(), htmlRow.clear(), markdownRow.clear();
    }
    found.html = QStringLiteral("<table>%1</table>").arg(found.html);
    if (found.markdown.endsWith(u'\n')) found.markdown.chop(1);
    return found;
}

bool isTask(const BlockContainer& item) { return item.marker == u"☑" || item.marker == u"☐"; }

// -1: it has none.
int numberOf(const BlockContainer& item) {
    return item.mark.size() > 1 ? item.mark.chopped(1).toInt() : -1;
}

// Of an item, in Markdown.
QString markOf(const BlockContainer& item) {
    if (!isTask(item)) return item.mark + u' ';
    return item.mark + (item.marker == u"☑" ? QStringLiteral(" [x] ") : QStringLiteral(" [ ] "));
}

QString trimmedEnd(QString text) {
    while (text.endsWith(u' ')) text.chop(1);
    return text;
}

SelectedText textOf(const MarkdownBlock& block, int from, int to) {
    SelectedText found = inlineOf(cut(block.content, 0, from, to));
    const bool isHeading = block.kind == BlockListModel::Heading;
    const QString tag = isHeading ? QStringLiteral("h%1").arg(block.level) : QStringLiteral("p");
    if (from == 0)
        for (const BlockContainer& around : block.containers)
            if (isTask(around)) found.html.prepend(around.marker + u' ');
    found.html = QStringLiteral("<%1>%2</%1>").arg(tag, found.html);
    if (isHeading) found.markdown.prepend(QString(block.level, u'#') + u' ');
    return found;
}

SelectedText typedText(const QString& text) {
    const QString html = text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>"));
    return {text, QStringLiteral("<p style=\"white-space:pre-wrap\">%1</p>").arg(html), text};
}

QString indented(const QString& text, const QString& first, const QString& others) {
    QStringList lines = text.split(u'\n');
    for (qsizetype line = 0; line < lines.size(); ++line) {
        const QString& indent = line == 0 ? first : others;
        // A blank line has nothing behind a quote's mark, and nothing at all in an item.
        lines[line] = lines[line].isEmpty() ? trimmedEnd(indent) : indent + lines[line];
    }
    return lines.join(u'\n');
}

}  // namespace

int blockLength(const MarkdownBlock& block) {
    qsizetype length = block.content.text.size();
    for (const CodeLine& line : block.codeLines) length += line.text.size() + 1;
    for (const InlineText& cell : block.cells) length += cell.text.size() + 1;
    return static_cast<int>(length - (block.codeLines.isEmpty() && block.cells.isEmpty() ? 0 : 1));
}

void SelectedBlocks::add(const MarkdownBlock& block, int from, int to) {
    const bool isFromStart = from == 0;
    switch (block.kind) {
        case BlockListModel::Code:
            return addIn(block.containers, isFromStart, codeOf(block, from, to));
        case BlockListModel::Table:
            return addIn(block.containers, isFromStart, tableOf(block, from, to));
        case BlockListModel::Rule:
            return addIn(block.containers, isFromStart,
                         {QString(), QStringLiteral("<hr>"), QStringLiteral("---")});
        default: return addIn(block.containers, isFromStart, textOf(block, from, to));
    }
}

void SelectedBlocks::addTyped(const QString& text) { addIn({}, true, typedText(text)); }

void SelectedBlocks::addThinking(const QString& text, const QString& title) {
    close(0);
    SelectedText next = typedText(text);
    if (!title.isEmpty()) {
        next.html.prepend(QStringLiteral("<p><i>%1</i></p>").arg(title.toHtmlEscaped()));
        next.markdown.prepend(QStringLiteral("*%1*\n\n").arg(title));
    }
    addIn({BlockContainer()}, true, next);
    close(0);
}

SelectedText SelectedBlocks::take() {
    close(0);
    return std::exchange(m_all, {});
}

void SelectedBlocks::addIn(const QList<BlockContainer>& containers, bool isFromStart,
                           SelectedText next) {
    const qsizetype nShared = std::min(m_open.size(), containers.size());
    // Quotes go on, and so do items until there is a mark again.
    qsizetype depth = 0;
    while (depth < nShared && containers[depth].isQuote() == m_open[depth].isQuote &&
           containers[depth].marker.isEmpty())
        ++depth;
    const bool isNextItem =
        isFromStart && depth < nShared && isNext(m_open[depth], containers[depth]);
    const bool isTight = !m_open.isEmpty() && !m_open.back().isQuote && !containers.isEmpty() &&
                         !containers.back().marker.isEmpty();
    close(isNextItem ? depth + 1 : depth);
    separate(depth, isTight, next);
    if (isNextItem) {
        m_all.html += QStringLiteral("</li><li>");
        m_open[depth] = opened(containers[depth], isFromStart);
        ++depth;
    }
    for (; depth < containers.size(); ++depth) open(opened(containers[depth], isFromStart));

    for (qsizetype around = containers.size() - 1; around >= 0; --around) {
        const BlockContainer& container = containers[around];
        const QString& indent = m_open[around].indent;
        const bool hasMark = isFromStart && !container.marker.isEmpty();
        next.markdown = indented(next.markdown, hasMark ? markOf(container) : indent, indent);
        if (hasMark) next.plain.prepend(container.marker + u' ');
    }
    m_all.plain += next.plain;
    m_all.html += next.html;
    m_all.markdown += next.markdown;
}

SelectedBlocks::Open SelectedBlocks::opened(const BlockContainer& container, bool isFromStart) {
    if (container.isQuote()) return {.isQuote = true, .indent = QStringLiteral("> ")};
    // Without the mark its width is not known: three are enough for most, and not yet code.
    if (!isFromStart || container.marker.isEmpty())
        return {.isMarked = false, .indent = QStringLiteral("   ")};
    return {.mark = container.mark.back(),
            .number = numberOf(container),
            .indent = QString(container.mark.size() + 1, u' ')};
}

bool SelectedBlocks::isNext(const Open& open, const BlockContainer& container) {
    if (open.isQuote || container.isQuote() || !open.isMarked) return false;
    return container.mark.endsWith(open.mark) &&
           numberOf(container) == (open.number < 0 ? -1 : open.number + 1);
}

void SelectedBlocks::open(Open next) {
    if (next.isQuote)
        m_all.html += QStringLiteral("<blockquote>");
    else if (next.isMarked && next.number < 0)
        m_all.html += QStringLiteral("<ul><li>");
    else if (next.isMarked)
        m_all.html += QStringLiteral("<ol start=\"%1\"><li>").arg(next.number);
    m_open.append(std::move(next));
}

// Those within the first `depth`.
void SelectedBlocks::close(qsizetype depth) {
    while (m_open.size() > depth) {
        const Open last = m_open.takeLast();
        if (last.isQuote)
            m_all.html += QStringLiteral("</blockquote>");
        else if (last.isMarked)
            m_all.html +=
                last.number < 0 ? QStringLiteral("</li></ul>") : QStringLiteral("</li></ol>");
    }
}

// `nShared` quotes and items go on; the blank line is within them.
void SelectedBlocks::separate(qsizetype nShared, bool isTight, const SelectedText& next) {
    if (!m_all.plain.isEmpty() && !next.plain.isEmpty())
        m_all.plain += isTight ? QStringLiteral("\n") : QStringLiteral("\n\n");
    if (m_all.markdown.isEmpty()) return;
    QString indent;
    for (qsizetype depth = 0; depth < nShared; ++depth) indent += m_open[depth].indent;
    m_all.markdown += isTight ? QStringLiteral("\n") : u'\n' + trimmedEnd(indent) + u'\n';
}

}  // namespace sotto::app

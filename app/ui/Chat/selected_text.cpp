#include "app/ui/Chat/selected_text.h"

#include <QRegularExpression>
#include <algorithm>

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

SelectedText textOf(const MarkdownBlock& block, int from, int to) {
    SelectedText found = inlineOf(cut(block.content, 0, from, to));
    const bool isHeading = block.kind == BlockListModel::Heading;
    const QString tag = isHeading ? QStringLiteral("h%1").arg(block.level) : QStringLiteral("p");
    found.html = QStringLiteral("<%1>%2</%1>").arg(tag, found.html);
    if (isHeading) found.markdown.prepend(QString(block.level, u'#') + u' ');
    return found;
}

QString indented(const QString& text, const QString& first, const QString& others) {
    return first + QString(text).replace(u'\n', u'\n' + others);
}

// The quotes and items around it. In HTML a list of one item each: what a list is, is not kept.
void surround(const MarkdownBlock& block, bool isFromStart, SelectedText& found) {
    for (auto around = block.containers.crbegin(); around != block.containers.crend(); ++around) {
        if (around->isQuote()) {
            found.html = QStringLiteral("<blockquote>%1</blockquote>").arg(found.html);
            found.markdown = indented(found.markdown, QStringLiteral("> "), QStringLiteral("> "));
            continue;
        }
        const bool isNumber = !around->marker.isEmpty() && around->marker[0].isDigit();
        const QString mark = around->marker == u"☑"   ? QStringLiteral("- [x] ")
                             : around->marker == u"☐" ? QStringLiteral("- [ ] ")
                             : isNumber               ? around->marker + u' '
                                                      : QStringLiteral("- ");
        const bool hasMark = !around->marker.isEmpty() && isFromStart;
        // Without the mark its width is not known: three are enough for most, and not yet code.
        const QString space(hasMark ? (isNumber ? mark.size() : 2) : 3, u' ');
        found.markdown = indented(found.markdown, hasMark ? mark : space, space);
        if (!hasMark) continue;
        found.plain.prepend(around->marker + u' ');
        if (isNumber)
            found.html = QStringLiteral("<ol start=\"%1\"><li>%2</li></ol>")
                             .arg(around->marker.chopped(1), found.html);
        else
            found.html = QStringLiteral("<ul><li>%1</li></ul>").arg(found.html);
    }
}

}  // namespace

void SelectedText::add(const SelectedText& next, bool isTight) {
    const QString between = isTight ? QStringLiteral("\n") : QStringLiteral("\n\n");
    if (!next.plain.isEmpty()) plain += (plain.isEmpty() ? QString() : between) + next.plain;
    markdown += (markdown.isEmpty() ? QString() : between) + next.markdown;
    html += next.html;
}

int blockLength(const MarkdownBlock& block) {
    qsizetype length = block.content.text.size();
    for (const CodeLine& line : block.codeLines) length += line.text.size() + 1;
    for (const InlineText& cell : block.cells) length += cell.text.size() + 1;
    return static_cast<int>(length - (block.codeLines.isEmpty() && block.cells.isEmpty() ? 0 : 1));
}

SelectedText selectedText(const MarkdownBlock& block, int from, int to) {
    SelectedText found;
    switch (block.kind) {
        case BlockListModel::Code: found = codeOf(block, from, to); break;
        case BlockListModel::Table: found = tableOf(block, from, to); break;
        case BlockListModel::Rule:
            found = {QString(), QStringLiteral("<hr>"), QStringLiteral("---")};
            break;
        default: found = textOf(block, from, to); break;
    }
    surround(block, from == 0, found);
    return found;
}

SelectedText typedText(const QString& text) {
    const QString html = text.toHtmlEscaped().replace(u'\n', QStringLiteral("<br>"));
    return {text, QStringLiteral("<p style=\"white-space:pre-wrap\">%1</p>").arg(html), text};
}

}  // namespace sotto::app

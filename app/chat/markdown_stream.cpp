#include "app/chat/markdown_stream.h"

#include <algorithm>
#include <utility>

namespace sotto::app {
namespace {

TextDirection directionOf(const QList<InlineText>& cells) {
    for (const InlineText& cell : cells)
        if (const TextDirection own = directionOf(cell); own != TextDirection::None) return own;
    return TextDirection::None;
}

// A carriage return that ends a line by itself, from `from` on; the last character may yet get its
// \n.
bool hasLoneReturn(const QString& text, qsizetype from) {
    for (qsizetype at = text.indexOf(u'\r', std::max<qsizetype>(from, 0)); at >= 0;
         at = text.indexOf(u'\r', at + 1))
        if (at + 1 < text.size() && text[at + 1] != u'\n') return true;
    return false;
}

QString codeLine(QStringView line) {
    if (line.endsWith(u'\r')) line.chop(1);
    return line.toString().replace(QChar(u'\0'), QChar(QChar::ReplacementCharacter));
}

// The block that is extended, if it is one of the change's own rows.
MarkdownBlock* openRow(MarkdownChange& change, qsizetype nRows) {
    const qsizetype index = nRows - 1 - change.firstRow;
    return index < 0 ? nullptr : &change.rows[index];
}

// Whether something is settled by this border.
bool isNews(const MarkdownBorder& border, const BorderContext& begin) {
    const BorderContext::Kind kind = border.context.kind;
    const bool isTableEnd =
        begin.kind == BorderContext::Table && kind != BorderContext::Table && border.isSet;
    return border.position > 0 || kind == BorderContext::Fence || isTableEnd;
}

// Only md4c knows whether what looks like a table's begin is one.
bool isTrue(const MarkdownBorder& border, const QString& before) {
    if (border.context.kind != BorderContext::Table) return true;
    const QList<MarkdownBlock> blocks = parseMarkdown(before);
    return !blocks.isEmpty() && blocks.back().kind == BlockListModel::Table;
}

}  // namespace

MarkdownChange MarkdownStream::setSource(const QString& source) {
    if (!source.startsWith(m_source)) reset();
    const qsizetype nBefore = std::exchange(m_source, source).size();
    MarkdownChange change;
    if (!takeDefinitions(change)) {
        const QList<LinkDefinition> definitions = m_definitions;
        reset();
        m_source = source;
        m_definitions = definitions;
        change = {};
    }
    if (m_isWhole || hasLoneReturn(source, nBefore - 1)) {
        reset();
        m_source = source;
        m_isWhole = true;
        change = {};
        change.rows = parse(source, {});
        return change;
    }
    change.firstRow = m_nRows;
    if (m_context.kind == BorderContext::Fence || m_context.kind == BorderContext::Table) {
        change.extendedRow = m_nRows - 1;
        change.nKept = m_nOpen;
        change.isRightToLeft = m_openDirection == TextDirection::RightToLeft;
    }
    while (true) {
        if (m_context.kind == BorderContext::Fence && !takeFenceLines(change)) return change;
        const MarkdownBorder border = findBorder(rest(), m_context);
        if (!isNews(border, m_context) || !settle(border, change)) break;
    }
    takeTail(change);
    return change;
}

void MarkdownStream::reset() {
    m_source.clear();
    m_nSettled = m_nRows = m_nOpen = m_nSettledDefinitions = 0;
    m_context = {};
    m_parts.clear();
    m_definitions.clear();
    m_isWhole = false;
    m_highlighter.reset();
}

QList<MarkdownBlock> MarkdownStream::parse(const QString& text, const BorderContext& context) {
    const QString source = definitionsFor(text) + context.header + text;
    m_parsedCharacters += source.size();
    const bool isOrdered = context.kind == BorderContext::List && !context.mark.isNull() &&
                           QStringView(u".)").contains(context.mark);
    QList<MarkdownBlock> blocks =
        parseMarkdown(source, isOrdered ? std::optional<unsigned>(context.next) : std::nullopt);
    for (const MarkdownBlock& block : std::as_const(blocks))
        for (const CodeLine& line : block.codeLines) m_highlightedCharacters += line.text.size();
    return blocks;
}

bool MarkdownStream::refersTo(QStringView text, const LinkDefinition& definition) const {
    return text.contains(QStringLiteral("[%1]").arg(definition.label), Qt::CaseInsensitive);
}

// In front of a part, so that its references are resolved.
QString MarkdownStream::definitionsFor(const QString& text) const {
    QString sources;
    for (const LinkDefinition& definition : m_definitions)
        if (refersTo(text, definition)) sources += definition.source + QLatin1Char('\n');
    return sources.isEmpty() ? sources : sources + QLatin1Char('\n');
}

QList<LinkDefinition> MarkdownStream::definitionsIn(const QString& text,
                                                    const BorderContext& context) {
    if (!text.contains(QLatin1String("]:"))) return {};
    m_parsedCharacters += text.size();
    return findDefinitions(context.header + text);
}

// In the parts that it will be parsed in: code that one part has open hides them from the others.
QList<LinkDefinition> MarkdownStream::definitionsOfRest() {
    QList<LinkDefinition> found;
    QStringView text = rest();
    if (!text.contains(QLatin1String("]:"))) return found;
    BorderContext context = m_context;
    while (true) {
        while (context.kind == BorderContext::Fence) {
            const qsizetype end = text.indexOf(u'\n');
            if (end < 0) return found;
            if (closesFence(text.first(end), context)) context = {};
            text = text.mid(end + 1);
        }
        const MarkdownBorder border = findBorder(text, context);
        const QString part = text.first(border.position).toString();
        if (!isNews(border, context) || !isTrue(border, context.header + part)) break;
        found += definitionsIn(part, context);
        text = text.mid(border.position);
        context = border.context;
        if (context.kind == BorderContext::Fence) text = text.mid(text.indexOf(u'\n') + 1);
    }
    return found + definitionsIn(text.toString(), context);
}

// Parses the settled parts again whose references have got another target. False: all has to be
// parsed again.
bool MarkdownStream::takeDefinitions(MarkdownChange& change) {
    if (m_isWhole) return true;
    QList<LinkDefinition> found = m_definitions.first(m_nSettledDefinitions);
    for (const LinkDefinition& definition : definitionsOfRest()) {
        m_parsedCharacters += definition.source.size();
        if (!parseMarkdown(definition.source, {}).isEmpty()) continue;
        found.append(definition);
    }
    if (found == m_definitions) return true;
    const QList<LinkDefinition> before = std::exchange(m_definitions, found);
    for (const Part& part : m_parts) {
        const QString text = m_source.mid(part.begin, part.end - part.begin);
        const auto isNews = [&](const QList<LinkDefinition>& list,
                                const QList<LinkDefinition>& others) {
            return std::any_of(list.begin(), list.end(), [&](const LinkDefinition& definition) {
                return !others.contains(definition) && refersTo(text, definition);
            });
        };
        if (!isNews(found, before) && !isNews(before, found)) continue;
        const QList<MarkdownBlock> blocks = parse(text, part.context);
        if (blocks.size() != part.nRows || part.isInTable) return false;
        for (qsizetype row = 0; row < part.nRows; ++row)
            change.replaced.push_back({part.firstRow + row, blocks[row]});
    }
    return true;
}

void MarkdownStream::addRows(const QList<MarkdownBlock>& blocks, MarkdownChange& change) {
    change.rows += blocks;
    m_nRows += blocks.size();
}

// False: the border is none after all.
bool MarkdownStream::settle(const MarkdownBorder& border, MarkdownChange& change) {
    const QString text = rest().first(border.position).toString();
    const bool wasInTable = m_context.kind == BorderContext::Table;
    const bool isInTable = border.context.kind == BorderContext::Table;
    QList<MarkdownBlock> blocks;
    if (!text.isEmpty()) blocks = parse(text, m_context);
    const bool isNewTable = isInTable && !(wasInTable && blocks.size() == 1);
    if (isInTable && (blocks.isEmpty() || blocks.back().kind != BlockListModel::Table))
        return false;
    if (wasInTable && !blocks.isEmpty()) {
        const MarkdownBlock table = blocks.takeFirst();
        const QList<InlineText> cells = table.cells.mid(table.columns);
        m_nOpen += cells.size();
        if (m_openDirection == TextDirection::None) m_openDirection = directionOf(cells);
        addCells(cells, change);
    }
    if (isNewTable) {
        m_nOpen = blocks.back().cells.size();
        m_openDirection = directionOf(blocks.back().cells);
    }
    if (!text.isEmpty())
        m_parts.push_back({m_nSettled, m_nSettled + border.position, m_nRows, blocks.size(),
                           m_context, wasInTable || isInTable});
    for (const LinkDefinition& definition : definitionsIn(text, m_context))
        if (m_definitions.contains(definition)) ++m_nSettledDefinitions;
    addRows(blocks, change);
    m_nSettled += border.position;
    m_context = border.context;
    if (m_context.kind == BorderContext::Fence) enterFence(change);
    return true;
}

void MarkdownStream::enterFence(MarkdownChange& change) {
    const qsizetype length = rest().indexOf(u'\n') + 1;
    MarkdownBlock block{.kind = BlockListModel::Code};
    const QList<MarkdownBlock> read = parse(rest().first(length).toString(), {});
    if (!read.isEmpty()) block.language = read.front().language;
    m_highlighter.emplace(block.language);
    m_nOpen = 0;
    m_openDirection = TextDirection::None;
    addRows({block}, change);
    m_nSettled += length;
}

// True: the fence has ended.
bool MarkdownStream::takeFenceLines(MarkdownChange& change) {
    bool isClosed = false;
    while (!isClosed) {
        const qsizetype end = rest().indexOf(u'\n');
        if (end < 0) break;
        const QStringView line = rest().first(end);
        isClosed = closesFence(line, m_context);
        if (!isClosed) {
            addLine(codeLine(line), change);
            ++m_nOpen;
        }
        m_nSettled += end + 1;
    }
    if (isClosed) {
        if (m_nOpen == 0) addLine({}, change);
        m_context = {};
        m_highlighter.reset();
        return true;
    }
    // The line that is being written is highlighted from the same state again next time.
    const CodeHighlighter::State state = m_highlighter->state();
    const bool endsNow = !rest().isEmpty() && closesFence(rest(), m_context);
    const bool hasLine = !rest().isEmpty() && !endsNow;
    if (hasLine || m_nOpen == 0) addLine(hasLine ? codeLine(rest()) : QString(), change);
    m_highlighter->setState(state);
    return false;
}

void MarkdownStream::addLine(const QString& line, MarkdownChange& change) {
    m_highlightedCharacters += line.size();
    MarkdownBlock* row = openRow(change, m_nRows);
    (row != nullptr ? row->codeLines : change.lines).append(m_highlighter->line(line));
}

void MarkdownStream::addCells(const QList<InlineText>& cells, MarkdownChange& change) {
    const TextDirection direction =
        m_openDirection == TextDirection::None ? directionOf(cells) : m_openDirection;
    const bool isRightToLeft = direction == TextDirection::RightToLeft;
    if (MarkdownBlock* row = openRow(change, m_nRows)) {
        row->cells += cells;
        row->isRightToLeft = isRightToLeft;
    } else {
        change.cells += cells;
        change.isRightToLeft = isRightToLeft;
    }
}

// What is behind the last border; it is parsed again next time.
void MarkdownStream::takeTail(MarkdownChange& change) {
    if (rest().isEmpty()) return;
    QList<MarkdownBlock> blocks = parse(rest().toString(), m_context);
    if (m_context.kind == BorderContext::Table && !blocks.isEmpty()) {
        const MarkdownBlock table = blocks.takeFirst();
        addCells(table.cells.mid(table.columns), change);
    }
    change.rows += blocks;
}

}  // namespace sotto::app

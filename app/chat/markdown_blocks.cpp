#include "app/chat/markdown_blocks.h"

#include <md4c.h>

#include <functional>
#include <utility>
#include <vector>

#include "app/chat/inline_builder.h"
#include "app/chat/markdown_source.h"
#include "app/chat/md4c_flags.h"

namespace sotto::app {
namespace {

constexpr qsizetype kTabStop = 4;  // CommonMark

struct ListContext {
    bool isOrdered = false;
    unsigned next = 1;
    QChar mark;  // the bullet, or what stands behind the numbers
};

// A container that is open, and which of all it is.
struct OpenContainer {
    BlockContainer container;
    std::size_t id = 0;
};

// md4c gives the indent of a line of code as blanks; what was written may be tabs. `begin` is where
// the line goes on.
QString writtenIndent(const QByteArray& utf8, qsizetype begin, const QString& indent) {
    const qsizetype line = begin > 0 ? utf8.lastIndexOf('\n', begin - 1) + 1 : 0;
    qsizetype blanks = begin;
    while (blanks > line && (utf8[blanks - 1] == ' ' || utf8[blanks - 1] == '\t')) --blanks;
    if (!utf8.mid(blanks, begin - blanks).contains('\t')) return indent;
    std::vector<qsizetype> columns;  // before each byte, and behind the last
    qsizetype column = 0;
    for (qsizetype at = line; at < begin; ++at) {
        columns.push_back(column);
        column = utf8[at] == '\t' ? (column / kTabStop + 1) * kTabStop : column + 1;
    }
    for (qsizetype at = blanks; at < begin; ++at)
        if (columns[static_cast<std::size_t>(at - line)] == column - indent.size())
            return QString::fromLatin1(utf8.mid(at, begin - at));
    return indent;  // it begins within a tab
}

// Collects md4c's nested events into the flat list. The text of the innermost block gathers in
// m_inline and becomes a block when that block ends or another begins inside it.
class BlockBuilder {
public:
    BlockBuilder(const MarkdownSource& source, std::optional<unsigned> firstNumber)
        : m_source(source), m_inline(source), m_firstNumber(firstNumber) {}

    QList<MarkdownBlock> take() {
        resolveDirections();
        return std::move(m_blocks);
    }

    void enterBlock(MD_BLOCKTYPE type, void* detail) {
        switch (type) {
            case MD_BLOCK_QUOTE: flush(), beginContainer({}); break;
            case MD_BLOCK_UL:
                flush();
                m_lists.push_back(
                    {.mark = QLatin1Char(static_cast<MD_BLOCK_UL_DETAIL*>(detail)->mark)});
                break;
            case MD_BLOCK_OL: beginOrderedList(*static_cast<MD_BLOCK_OL_DETAIL*>(detail)); break;
            case MD_BLOCK_LI: beginItem(*static_cast<MD_BLOCK_LI_DETAIL*>(detail)); break;
            case MD_BLOCK_HR: flush(), append({.kind = BlockListModel::Rule}); break;
            case MD_BLOCK_H:
                flush();
                m_headingLevel = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
                break;
            case MD_BLOCK_CODE:
                flush();
                m_isCode = true;
                m_language =
                    attributeText(static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang, m_source);
                break;
            case MD_BLOCK_P: flush(); break;
            case MD_BLOCK_TABLE:
                flush();
                m_inline.setInCell(true);
                m_table = {.kind = BlockListModel::Table};
                m_table.columns =
                    static_cast<int>(static_cast<MD_BLOCK_TABLE_DETAIL*>(detail)->col_count);
                break;
            case MD_BLOCK_TH:
                m_table.alignments.append(
                    alignment(static_cast<MD_BLOCK_TD_DETAIL*>(detail)->align));
                break;
            default: break;
        }
    }

    void leaveBlock(MD_BLOCKTYPE type) {
        switch (type) {
            case MD_BLOCK_QUOTE: flush(), m_containers.pop_back(); break;
            case MD_BLOCK_LI: endItem(); break;
            case MD_BLOCK_UL:
            case MD_BLOCK_OL: flush(), m_lists.pop_back(); break;
            case MD_BLOCK_H: flush(), m_headingLevel = 0; break;
            case MD_BLOCK_CODE: endCode(); break;
            case MD_BLOCK_P: flush(); break;
            case MD_BLOCK_TH:
            case MD_BLOCK_TD: m_table.cells.append(m_inline.take()); break;
            case MD_BLOCK_TABLE:
                m_inline.setInCell(false);
                append(std::exchange(m_table, {}));
                break;
            default: break;
        }
    }

    void enterSpan(MD_SPANTYPE type, void* detail) { m_inline.enterSpan(type, detail); }
    void leaveSpan(MD_SPANTYPE type) { m_inline.leaveSpan(type); }

    void text(MD_TEXTTYPE type, const char* text, qsizetype size) {
        const QString value = QString::fromUtf8(text, size);
        if (!m_isCode) {
            m_inline.text(type, value);
            return;
        }
        // Line ends and indents are texts of md4c's own.
        const QByteArray& utf8 = m_source.utf8();
        const std::less<const char*> before;
        const bool isSource =
            !before(text, utf8.constData()) && before(text, utf8.constData() + utf8.size());
        const bool isIndent = !isSource && value.trimmed().isEmpty() && !value.contains(u'\n');
        if (isIndent) {
            m_indent += value;
            return;
        }
        if (isSource) {
            m_code += writtenIndent(utf8, text - utf8.constData(), std::exchange(m_indent, {}));
        } else {
            m_code += std::exchange(m_indent, {});
        }
        m_code += type == MD_TEXT_NULLCHAR ? QString(QChar(QChar::ReplacementCharacter)) : value;
    }

private:
    static int alignment(MD_ALIGN align) {
        switch (align) {
            case MD_ALIGN_CENTER: return Qt::AlignHCenter;
            case MD_ALIGN_RIGHT: return Qt::AlignRight;
            default: return Qt::AlignLeft;
        }
    }

    void beginContainer(BlockContainer container) {
        m_containers.push_back({std::move(container), m_directions.size()});
        m_directions.push_back(TextDirection::None);
    }

    void beginOrderedList(const MD_BLOCK_OL_DETAIL& detail) {
        flush();
        const unsigned first = m_blocks.isEmpty() && m_lists.empty()
                                   ? m_firstNumber.value_or(detail.start)
                                   : detail.start;
        m_lists.push_back({true, first, QLatin1Char(detail.mark_delimiter)});
    }

    void beginItem(const MD_BLOCK_LI_DETAIL& detail) {
        flush();
        BlockContainer item{.kind = BlockContainer::Item};
        ListContext& list = m_lists.back();
        item.mark = (list.isOrdered ? QString::number(list.next) : QString()) + list.mark;
        if (detail.is_task)
            item.marker = detail.task_mark == ' ' ? QStringLiteral("☐") : QStringLiteral("☑");
        else if (list.isOrdered)
            item.marker = item.mark;
        else
            item.marker = m_lists.size() % 2 == 1 ? QStringLiteral("•") : QStringLiteral("◦");
        ++list.next;
        beginContainer(std::move(item));
    }

    // One without text has its line all the same: its number is seen, and counted.
    void endItem() {
        flush();
        if (!m_containers.back().container.mark.isEmpty()) append({});
        m_containers.pop_back();
    }

    // A marker belongs to the first block of its item.
    void append(MarkdownBlock block) {
        std::vector<std::size_t> ids;
        for (OpenContainer& open : m_containers) {
            block.containers.append(open.container);
            open.container.marker.clear();
            open.container.mark.clear();
            ids.push_back(open.id);
        }
        m_blocks.append(std::move(block));
        m_containersOfBlocks.push_back(std::move(ids));
    }

    void endCode() {
        m_isCode = false;
        QString code = m_source.restored(std::exchange(m_code, {}));
        if (code.endsWith(QLatin1Char('\n'))) code.chop(1);
        MarkdownBlock block{.kind = BlockListModel::Code};
        block.codeLines = highlightCode(code, m_language);
        block.language = std::exchange(m_language, {});
        append(std::move(block));
    }

    void flush() {
        if (m_inline.isEmpty()) return;
        InlineText content = m_inline.take();
        if (m_headingLevel > 0) {
            MarkdownBlock block{.kind = BlockListModel::Heading, .content = std::move(content)};
            block.level = m_headingLevel;
            append(std::move(block));
            return;
        }
        qsizetype begin = 0;
        for (const InlineSpan& span : std::as_const(content.spans)) {
            if (!standsAlone(content, span)) continue;
            appendParagraph(content, begin, span.start - 1);
            append({.kind = BlockListModel::Math, .content = mid(content, span.start, 1)});
            begin = span.start + 2;
        }
        appendParagraph(content, begin, content.text.size());
    }

    // A displayed formula that has a line for itself is a block.
    static bool standsAlone(const InlineText& content, const InlineSpan& span) {
        const auto isBorder = [&content](qsizetype at) {
            return at < 0 || at >= content.text.size() || content.text[at] == QChar::LineSeparator;
        };
        return (span.styles & DisplayFormula) != 0 && isBorder(span.start - 1) &&
               isBorder(span.start + 1);
    }

    void appendParagraph(const InlineText& content, qsizetype begin, qsizetype end) {
        if (end > begin) append({.content = mid(content, begin, end - begin)});
    }

    static TextDirection directionOfBlock(const MarkdownBlock& block) {
        for (const InlineText& cell : block.cells)
            if (const TextDirection own = directionOf(cell); own != TextDirection::None) return own;
        return directionOf(block.content);
    }

    // Containers have the direction of their first text that has one, or else that of what they are
    // in.
    void resolveDirections() {
        std::vector<TextDirection> own;
        for (qsizetype row = 0; row < m_blocks.size(); ++row) {
            own.push_back(directionOfBlock(m_blocks[row]));
            for (const std::size_t id : m_containersOfBlocks[static_cast<std::size_t>(row)])
                if (m_directions[id] == TextDirection::None) m_directions[id] = own.back();
        }
        for (qsizetype row = 0; row < m_blocks.size(); ++row) {
            MarkdownBlock& block = m_blocks[row];
            TextDirection around = TextDirection::None;
            for (qsizetype depth = 0; depth < block.containers.size(); ++depth) {
                const std::size_t id = m_containersOfBlocks[static_cast<std::size_t>(row)]
                                                           [static_cast<std::size_t>(depth)];
                if (m_directions[id] != TextDirection::None) around = m_directions[id];
                block.containers[depth].isRightToLeft = around == TextDirection::RightToLeft;
            }
            const TextDirection text = own[static_cast<std::size_t>(row)];
            const bool hasText = !block.content.isEmpty() || !block.cells.isEmpty();
            block.isRightToLeft =
                hasText && block.kind != BlockListModel::Math &&
                (text == TextDirection::None ? around : text) == TextDirection::RightToLeft;
        }
    }

    const MarkdownSource& m_source;
    QList<MarkdownBlock> m_blocks;
    std::vector<std::vector<std::size_t>> m_containersOfBlocks;  // ids, outermost first
    std::vector<TextDirection> m_directions;                     // of all containers, by id
    std::vector<OpenContainer> m_containers;
    std::vector<ListContext> m_lists;
    int m_headingLevel = 0;
    bool m_isCode = false;
    InlineBuilder m_inline;
    std::optional<unsigned> m_firstNumber;
    QString m_code, m_language;
    QString m_indent;  // of the line of code that begins
    MarkdownBlock m_table;
};

}  // namespace

QList<MarkdownBlock> parseMarkdown(const QString& source, std::optional<unsigned> firstNumber) {
    const MarkdownSource prepared(source);
    const QByteArray& utf8 = prepared.utf8();
    BlockBuilder builder(prepared, firstNumber);
    MD_PARSER parser{};
    parser.flags = kMd4cFlags;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) {
        static_cast<BlockBuilder*>(self)->enterBlock(type, detail);
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) {
        static_cast<BlockBuilder*>(self)->leaveBlock(type);
        return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void* detail, void* self) {
        static_cast<BlockBuilder*>(self)->enterSpan(type, detail);
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) {
        static_cast<BlockBuilder*>(self)->leaveSpan(type);
        return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
        static_cast<BlockBuilder*>(self)->text(type, text, static_cast<qsizetype>(size));
        return 0;
    };
    md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, &builder);
    return builder.take();
}

}  // namespace sotto::app

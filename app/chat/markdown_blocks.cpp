#include "app/chat/markdown_blocks.h"

#include <md4c.h>

#include <vector>

#include "app/chat/code_highlighter.h"
#include "app/chat/tex_text.h"

namespace sotto::app {
namespace {

struct ListContext {
    bool isOrdered = false;
    unsigned next = 1;
};

// Collects md4c's nested events into the flat list. Inline content of the innermost block gathers
// in m_html and m_text and becomes a block when that block ends or another begins inside it.
class BlockBuilder {
public:
    QList<MarkdownBlock> take() { return std::move(m_blocks); }

    void enterBlock(MD_BLOCKTYPE type, void* detail) {
        switch (type) {
            case MD_BLOCK_QUOTE: flush(), ++m_quoteDepth; break;
            case MD_BLOCK_UL: flush(), m_lists.push_back({}); break;
            case MD_BLOCK_OL:
                flush();
                m_lists.push_back({true, static_cast<MD_BLOCK_OL_DETAIL*>(detail)->start});
                break;
            case MD_BLOCK_LI: beginItem(*static_cast<MD_BLOCK_LI_DETAIL*>(detail)); break;
            case MD_BLOCK_HR: flush(), append({.kind = BlockListModel::Rule}); break;
            case MD_BLOCK_H:
                flush();
                m_headingLevel = static_cast<int>(static_cast<MD_BLOCK_H_DETAIL*>(detail)->level);
                break;
            case MD_BLOCK_CODE: beginCode(*static_cast<MD_BLOCK_CODE_DETAIL*>(detail)); break;
            case MD_BLOCK_P: flush(); break;
            case MD_BLOCK_TABLE:
                flush();
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
            case MD_BLOCK_QUOTE: flush(), --m_quoteDepth; break;
            case MD_BLOCK_UL:
            case MD_BLOCK_OL: flush(), m_lists.pop_back(); break;
            case MD_BLOCK_LI: flush(), m_marker.clear(); break;
            case MD_BLOCK_H: flush(), m_headingLevel = 0; break;
            case MD_BLOCK_CODE: endCode(); break;
            case MD_BLOCK_P: flush(); break;
            case MD_BLOCK_TH:
            case MD_BLOCK_TD:
                m_table.cells.append(std::exchange(m_html, {}));
                m_text.clear();
                break;
            case MD_BLOCK_TABLE: append(std::exchange(m_table, {})); break;
            default: break;
        }
    }

    void enterSpan(MD_SPANTYPE type, void* detail) {
        switch (type) {
            case MD_SPAN_EM: m_html += QStringLiteral("<i>"); break;
            case MD_SPAN_STRONG: m_html += QStringLiteral("<b>"); break;
            case MD_SPAN_DEL: m_html += QStringLiteral("<s>"); break;
            case MD_SPAN_CODE: m_html += QStringLiteral("<code>"); break;
            case MD_SPAN_A: beginLink(*static_cast<MD_SPAN_A_DETAIL*>(detail)); break;
            case MD_SPAN_LATEXMATH:
            case MD_SPAN_LATEXMATH_DISPLAY:
                m_math.clear();
                m_isMath = true;
                m_mathStartsBlock = m_text.isEmpty();
                break;
            default: break;
        }
    }

    void leaveSpan(MD_SPANTYPE type) {
        switch (type) {
            case MD_SPAN_EM: m_html += QStringLiteral("</i>"); break;
            case MD_SPAN_STRONG: m_html += QStringLiteral("</b>"); break;
            case MD_SPAN_DEL: m_html += QStringLiteral("</s>"); break;
            case MD_SPAN_CODE: m_html += QStringLiteral("</code>"); break;
            case MD_SPAN_A:
                if (m_hasLink) m_html += QStringLiteral("</a>");
                m_hasLink = false;
                break;
            case MD_SPAN_LATEXMATH: endMath(false); break;
            case MD_SPAN_LATEXMATH_DISPLAY: endMath(true); break;
            default: break;
        }
    }

    void text(MD_TEXTTYPE type, const QString& value) {
        if (m_isMath) {
            m_math += value;
            return;
        }
        if (m_isCode) {
            m_text += value;
            return;
        }
        switch (type) {
            case MD_TEXT_BR:
                m_html += QStringLiteral("<br>");
                m_text += QLatin1Char('\n');
                break;
            case MD_TEXT_SOFTBR:
                m_html += QLatin1Char(' ');
                m_text += QLatin1Char(' ');
                break;
            case MD_TEXT_ENTITY:
                // Qt's rich text knows the named entities; the plain text keeps the source form.
                m_html += value;
                m_text += value;
                break;
            case MD_TEXT_NULLCHAR: m_html += QChar(0xFFFD), m_text += QChar(0xFFFD); break;
            default: m_html += value.toHtmlEscaped(), m_text += value; break;
        }
    }

private:
    void append(MarkdownBlock block) { m_blocks.append(std::move(block)); }

    static int alignment(MD_ALIGN align) {
        switch (align) {
            case MD_ALIGN_CENTER: return Qt::AlignHCenter;
            case MD_ALIGN_RIGHT: return Qt::AlignRight;
            default: return Qt::AlignLeft;
        }
    }

    static QString attributeText(const MD_ATTRIBUTE& attribute) {
        return QString::fromUtf8(attribute.text, static_cast<qsizetype>(attribute.size));
    }

    void beginItem(const MD_BLOCK_LI_DETAIL& detail) {
        flush();
        if (m_lists.empty()) return;
        ListContext& list = m_lists.back();
        if (detail.is_task)
            m_marker = detail.task_mark == ' ' ? QStringLiteral("☐") : QStringLiteral("☑");
        else if (list.isOrdered)
            m_marker = QString::number(list.next++) + QLatin1Char('.');
        else
            m_marker = m_lists.size() % 2 == 1 ? QStringLiteral("•") : QStringLiteral("◦");
    }

    void beginLink(const MD_SPAN_A_DETAIL& detail) {
        const QString target = attributeText(detail.href);
        const bool isSafe = target.startsWith(QLatin1String("http://"), Qt::CaseInsensitive) ||
                            target.startsWith(QLatin1String("https://"), Qt::CaseInsensitive) ||
                            target.startsWith(QLatin1String("mailto:"), Qt::CaseInsensitive);
        if (!isSafe) return;
        m_html += QStringLiteral("<a href=\"%1\">").arg(target.toHtmlEscaped());
        m_hasLink = true;
    }

    void beginCode(const MD_BLOCK_CODE_DETAIL& detail) {
        flush();
        m_isCode = true;
        m_language = attributeText(detail.lang);
    }

    void endCode() {
        m_isCode = false;
        if (m_text.endsWith(QLatin1Char('\n'))) m_text.chop(1);
        MarkdownBlock block{.kind = BlockListModel::Code};
        block.level = depth();
        block.html = highlightCode(m_text, m_language);
        block.text = std::exchange(m_text, {});
        block.language = std::exchange(m_language, {});
        append(std::move(block));
    }

    void endMath(bool isDisplay) {
        m_isMath = false;
        const QString shown = texToText(m_math);
        if (isDisplay && m_mathStartsBlock) {
            append({.kind = BlockListModel::Math, .html = shown.toHtmlEscaped(), .text = m_math});
            return;
        }
        m_html += QStringLiteral("<i>") + shown.toHtmlEscaped() + QStringLiteral("</i>");
        m_text += m_math;
    }

    int depth() const { return m_lists.empty() ? 0 : static_cast<int>(m_lists.size()) - 1; }

    void flush() {
        if (m_html.isEmpty() && m_text.isEmpty()) return;
        MarkdownBlock block;
        block.html = std::exchange(m_html, {});
        block.text = std::exchange(m_text, {});
        if (m_headingLevel > 0) {
            block.kind = BlockListModel::Heading;
            block.level = m_headingLevel;
        } else if (!m_lists.empty()) {
            block.kind = BlockListModel::ListItem;
            block.level = depth();
            block.marker = std::exchange(m_marker, {});
        } else if (m_quoteDepth > 0) {
            block.kind = BlockListModel::Quote;
            block.level = m_quoteDepth - 1;
        }
        append(std::move(block));
    }

    QList<MarkdownBlock> m_blocks;
    std::vector<ListContext> m_lists;
    int m_quoteDepth = 0;
    int m_headingLevel = 0;
    bool m_isCode = false;
    bool m_isMath = false;
    bool m_mathStartsBlock = false;
    bool m_hasLink = false;
    QString m_html, m_text, m_math, m_marker, m_language;
    MarkdownBlock m_table;
};

// Whether the last code fence of the text has no closing line yet, as happens while it is being
// written.
bool endsInsideFence(const QString& source) {
    QString fence;
    for (const QString& line : source.split(QLatin1Char('\n'))) {
        const QString trimmed = line.trimmed();
        const QChar mark = trimmed.isEmpty() ? QChar() : trimmed.front();
        if (mark != QLatin1Char('`') && mark != QLatin1Char('~')) continue;
        qsizetype length = 0;
        while (length < trimmed.size() && trimmed[length] == mark) ++length;
        if (length < 3) continue;
        if (fence.isEmpty())
            fence = QString(length, mark);
        else if (mark == fence.front() && length >= fence.size() && length == trimmed.size())
            fence.clear();
    }
    return !fence.isEmpty();
}

}  // namespace

QList<MarkdownBlock> parseMarkdown(const QString& source) {
    const QByteArray utf8 = normaliseTexDelimiters(source).toUtf8();
    BlockBuilder builder;
    MD_PARSER parser{};
    parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML | MD_FLAG_LATEXMATHSPANS;
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
        static_cast<BlockBuilder*>(self)->text(
            type, QString::fromUtf8(text, static_cast<qsizetype>(size)));
        return 0;
    };
    md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, &builder);
    QList<MarkdownBlock> blocks = builder.take();
    if (!blocks.isEmpty() && blocks.back().kind == BlockListModel::Code)
        blocks.back().isOpen = endsInsideFence(source);
    return blocks;
}

}  // namespace sotto::app

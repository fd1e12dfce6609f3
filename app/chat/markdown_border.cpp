#include "app/chat/markdown_border.h"

#include <md4c.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "app/chat/markdown_source.h"
#include "app/chat/md4c_flags.h"

namespace sotto::app {
namespace {

constexpr qsizetype kCodeIndent = 4;   // from here on a line is code, not a fence
constexpr qsizetype kFenceLength = 3;  // CommonMark: at least
constexpr qsizetype kMaxDigits = 9;    // of an item's number
// Characters of a part. Small, since md4c 0.4.8 loses the item around a paragraph now and then when
// the memory of a list's blocks grows.
constexpr qsizetype kEnough = 512;

qsizetype runLength(QStringView text, QChar mark) {
    qsizetype length = 0;
    while (length < text.size() && text[length] == mark) ++length;
    return length;
}

// Columns of blanks before the text; a tab counts as enough for code.
qsizetype indentOf(QStringView line) {
    qsizetype indent = 0;
    for (const QChar character : line) {
        if (character == u'\t') return std::max(indent, kCodeIndent);
        if (character != u' ') break;
        ++indent;
    }
    return indent;
}

bool beginsFence(QStringView content) {
    const QChar mark = content.front();
    if (mark != u'`' && mark != u'~') return false;
    const qsizetype length = runLength(content, mark);
    return length >= kFenceLength && (mark == u'~' || !content.mid(length).contains(u'`'));
}

// What begins like an item: certain if no further character can make it something else.
struct Item {
    QChar mark;
    unsigned number = 0;  // of an ordered one
    bool isOrdered = false;
    bool isCertain = false;
    qsizetype contentOffset = 0;
};

std::optional<Item> itemOf(QStringView content) {
    Item item;
    qsizetype end = 0;
    while (end < content.size() && content[end].unicode() < 128 && content[end].isDigit()) ++end;
    if (end > kMaxDigits) return std::nullopt;
    if (end == content.size()) return item;  // a number that may become one
    item.mark = content[end];
    item.isOrdered = end > 0;
    if (item.isOrdered) {
        if (item.mark != u'.' && item.mark != u')') return std::nullopt;
        item.number = content.first(end).toUInt();
    } else if (item.mark != u'-' && item.mark != u'*' && item.mark != u'+') {
        return std::nullopt;
    }
    const QStringView rest = content.mid(end + 1);
    if (rest.isEmpty()) return item;
    if (!rest.front().isSpace()) return std::nullopt;
    const qsizetype nBlanks = runLength(rest, u' ');
    // With tabs the columns are another matter; "- - -" is a line.
    const bool isLine = std::all_of(rest.begin(), rest.end(), [&item](QChar character) {
        return character.isSpace() || character == item.mark;
    });
    item.isCertain = nBlanks > 0 && nBlanks <= kCodeIndent && nBlanks < rest.size() &&
                     rest[nBlanks] != u'\t' && !isLine;
    item.contentOffset = end + 1 + nBlanks;
    return item;
}

// A row of "---" cells under a table's header.
bool isDelimiterRow(QStringView content) {
    return content.contains(u'|') && content.contains(u'-') &&
           std::all_of(content.begin(), content.end(), [](QChar character) {
               return character == u'|' || character == u'-' || character == u':' ||
                      character.isSpace();
           });
}

// "---", "***", or within a paragraph what underlines a heading.
bool isRule(QStringView content, bool isInParagraph) {
    const QChar mark = content.front();
    const bool isUnderline = isInParagraph && (mark == u'=' || mark == u'-');
    const auto nMarks = std::count(content.begin(), content.end(), mark);
    return (isUnderline || (QStringView(u"-*_").contains(mark) && nMarks >= 3)) &&
           std::all_of(content.begin(), content.end(), [mark](QChar character) {
               return character == mark || character.isSpace();
           });
}

struct Line {
    QStringView text;
    qsizetype begin = 0;
    qsizetype end = 0;  // behind its line end
    bool isComplete = false;
};

template <typename Take>
void forEachLine(QStringView text, Take take) {
    for (qsizetype begin = 0; begin < text.size();) {
        const qsizetype newline = text.indexOf(u'\n', begin);
        Line line;
        line.isComplete = newline >= 0;
        line.begin = begin;
        line.end = line.isComplete ? newline + 1 : text.size();
        line.text = text.mid(begin, (line.isComplete ? newline : text.size()) - begin);
        if (!take(line)) return;
        begin = line.end;
    }
}

class Scanner {
public:
    Scanner(QStringView text, const BorderContext& begin)
        : m_text(text), m_context(begin), m_isAfterBlank(begin.kind != BorderContext::Table) {}

    // False: this border is the one.
    bool take(const Line& line) {
        const QStringView content = line.text.trimmed();
        if (content.isEmpty()) {
            // md4c takes an item of definitions for an empty one, which two blank lines end.
            if (m_isAfterBlank && m_isOfDefinitions) m_isOffsetCertain = false;
            m_isAfterBlank = m_isCodePossible = true;
            m_isInParagraph = m_mayBeTable = false;
            if (m_isNestedInQuote) m_nested = {};
            m_formulaEnd.clear();
            m_headerBegin = -1;
            if (m_context.kind == BorderContext::Table) m_context = {};
            return true;
        }
        const qsizetype indent = indentOf(line.text);
        // Code is never within a formula.
        if (const QStringView inner = innerOf(content); !inner.isEmpty() && beginsFence(inner))
            m_formulaEnd.clear();
        const bool isInFence = m_fence.length > 0;
        const bool isInside = m_fence.length > 0 || !m_formulaEnd.isEmpty();
        bool goesOn = true;
        if (m_fence.length > 0) {
            if (closesFence(line.text, m_fence)) m_fence = {};
        } else if (isInside) {
            if (content.contains(m_formulaEnd)) m_formulaEnd.clear();
            // Perhaps it is none, and this line ends or begins a list.
            const bool mayBeItem = itemOf(content).has_value();
            if (indent == 0 || mayBeItem) m_isListCertain = m_isOffsetCertain = false;
            if (mayBeItem) m_context = {BorderContext::List, {}, 0, 0, {}};
        } else if (indent == 0) {
            goesOn = takeAtMargin(line, content);
        } else {
            goesOn = takeIndented(line, content, indent);
        }
        if (!isInside) lookForFormula(content);
        m_isAfterBlank = false;
        lookForParagraph(content, indent, isInFence);
        return goesOn && m_border.position < kEnough;
    }
    const MarkdownBorder& border() const { return m_border; }

private:
    // Whether the next line may go on with one, and whether it may be code.
    void lookForParagraph(QStringView content, qsizetype indent, bool isInFence) {
        const QStringView inner = innerOf(content);
        const bool isNested = inner.size() < content.size();
        // Of what is lazy in a quote or item nothing is a heading, and nothing of definitions.
        const bool mayBeUnderlined =
            m_isInParagraph && !m_isParagraphNested && m_context.kind == BorderContext::Top;
        const bool isUnderline = isRule(inner, mayBeUnderlined);
        const bool isOfDefinitions = isUnderline && m_isInParagraph && m_isOfDefinitions;
        const bool isFenceEnd = isInFence && m_fence.length == 0;
        m_isCodePossible =
            isFenceEnd ||
            (!isInFence && (content.startsWith(u'#') || isRule(content, mayBeUnderlined) ||
                            (m_isCodePossible && indent >= kCodeIndent)));
        const bool wasInParagraph = m_isInParagraph;
        m_isInParagraph = !isInFence && m_context.kind != BorderContext::Table &&
                          m_nested.length == 0 && !inner.isEmpty() && !inner.startsWith(u'#') &&
                          (!isUnderline || isOfDefinitions) && !beginsFence(inner);
        m_isOfDefinitions = inner.startsWith(u'[') || (wasInParagraph && m_isOfDefinitions);
        m_mayBeTable = m_mayBeTable || isDelimiterRow(content);
        m_isParagraphNested = isNested || (wasInParagraph && m_isParagraphNested);
    }

    void setBorder(qsizetype position, BorderContext context) {
        m_border = {position, true, context};
        m_context = std::move(context);
    }

    bool takeAtMargin(const Line& line, QStringView content) {
        const qsizetype header = std::exchange(m_headerBegin, -1);
        const bool isQuote = content.startsWith(u'>');
        if (m_nested.length > 0) {
            // md4c lets a fence at the margin end one in an item or quote.
            if (closesFence(line.text, m_nested)) {
                m_nested = {};
                m_isListCertain = false;
                m_isLost = true;
                return true;
            }
            // It may yet become one.
            if (!line.isComplete && runLength(content, m_nested.mark) == content.size())
                return true;
            if (isQuote && m_isNestedInQuote) {
                takeNested(innerOf(content));
                return true;
            }
            m_nested = {};
        }
        if (m_isLostForGood) return true;
        if (m_isLost) {
            if (beginsFence(content) && line.isComplete)
                m_fence = {BorderContext::Fence,
                           content.front(),
                           0,
                           runLength(content, content.front()),
                           {}};
            if (!m_isAfterBlank || itemOf(content) || beginsFence(content) || isQuote) return true;
            m_isLost = false;
        }
        if (isQuote) openNested(innerOf(content), true);
        if (isQuote && m_context.kind == BorderContext::Table) m_context = {};
        if (beginsFence(content) && line.isComplete) {
            setBorder(line.begin, {BorderContext::Fence,
                                   content.front(),
                                   0,
                                   runLength(content, content.front()),
                                   {}});
            return false;
        }
        const bool isLine = line.isComplete && isRule(content, false);
        if (const std::optional<Item> item = itemOf(content); item && !isLine) {
            takeItem(line, *item);
            return true;
        }
        if (m_isAfterBlank) {
            setBorder(line.begin, {});
            const bool mayBeHeader =
                line.isComplete && !isLine && !isQuote && !content.startsWith(u'#');
            if (mayBeHeader) m_headerBegin = line.begin;
        } else if (m_context.kind == BorderContext::List) {
            // The item's paragraph goes on, or the list has ended.
            const bool isLazy = m_isInParagraph && !isQuote && !content.startsWith(u'#') &&
                                !isRule(content, false) && !beginsFence(content);
            m_isListCertain = false;
            if (!isLazy) m_context = {};
        } else if (m_context.kind == BorderContext::Table) {
            // A heading ends a table, which md4c takes for a row.
            if (line.isComplete && content.startsWith(u'#')) {
                setBorder(line.begin, {});
                return false;
            }
            if (line.isComplete && content.startsWith(u'|')) setBorder(line.end, m_context);
        } else if (header >= 0 && line.isComplete && isDelimiterRow(content)) {
            setBorder(
                line.end,
                {BorderContext::Table, {}, 0, 0, m_text.mid(header, line.end - header).toString()});
        }
        return true;
    }

    void takeItem(const Line& line, const Item& item) {
        const bool isInList = m_context.kind == BorderContext::List;
        const bool isSameList = isInList && m_context.mark == item.mark;
        if (!item.isCertain) {
            if (!isInList && m_isAfterBlank) setBorder(line.begin, {});
            if (!isInList && (!m_isInParagraph || m_isParagraphNested))
                m_context = {BorderContext::List, {}, 0, 0, {}};
            m_isListCertain = m_isOffsetCertain = false;
            return;
        }
        BorderContext list{BorderContext::List, item.mark, item.number, 0, {}};
        if (isSameList && item.isOrdered) {
            if (!m_isListCertain) {
                m_isOffsetCertain = m_isOffsetCertain && item.contentOffset == m_itemOffset;
                return;
            }
            list.next = m_context.next;
        } else if (item.isOrdered && m_isInParagraph && !isInList && item.number != 1) {
            // It goes on with the paragraph, or is an item behind a quote's.
            m_context = {BorderContext::List, {}, 0, 0, {}};
            m_itemOffset = item.contentOffset;
            m_isListCertain = m_isOffsetCertain = false;
            return;
        } else if (isInList && item.isOrdered && !m_isListCertain) {
            m_isOffsetCertain = m_isOffsetCertain && item.contentOffset == m_itemOffset;
            return;
        }
        m_itemOffset = item.contentOffset;
        m_isOffsetCertain = true;
        openNested(innerOf(line.text), false);
        m_isListCertain = true;
        setBorder(line.begin, list);
        if (item.isOrdered) ++m_context.next;
    }

    bool takeIndented(const Line& line, QStringView content, qsizetype indent) {
        m_headerBegin = -1;
        if (m_isLostForGood) return true;
        if (m_context.kind == BorderContext::Table && beginsFence(content)) {
            // A fence ends a table, which md4c takes for a row; one further in is a row.
            const bool isEnd = indent < kCodeIndent && line.isComplete;
            if (isEnd) setBorder(line.begin, {});
            return !isEnd;
        }
        if (m_context.kind == BorderContext::List && !m_isOffsetCertain &&
            beginsFence(innerOf(content))) {
            // In the item it ends with the item, else with its end only.
            m_isLost = m_isLostForGood = true;
            return true;
        }
        const bool isInItem = m_context.kind == BorderContext::List && indent >= m_itemOffset;
        if (isInItem && m_nested.length > 0) {
            // Further in it may be code or, in an item of the item, the fence's end.
            if (indent >= m_itemOffset + kCodeIndent && closesFence(content, m_nested))
                m_isLost = true;
            takeNested(content);
            return true;
        }
        if (isInItem) {
            openNested(innerOf(content), content.startsWith(u'>'));
            return true;
        }
        m_isListCertain = false;
        // At the margin or not, behind the item or not, md4c lets a fence end it.
        if (m_nested.length > 0 && indent < kCodeIndent && closesFence(content, m_nested)) {
            m_nested = {};
            m_isLost = true;
            return true;
        }
        m_nested = {};
        // A list that is indented itself: which items at the margin go on with it is not counted.
        if (const std::optional<Item> item = itemOf(content); item && indent < kCodeIndent) {
            m_context = {BorderContext::List, {}, 0, 0, {}};
            m_itemOffset = indent + std::max<qsizetype>(item->contentOffset, 2);
            m_isOffsetCertain = true;
            openNested(innerOf(content), false);
            return true;
        }
        // Right behind text md4c opens a fence however far it is indented.
        if ((indent >= kCodeIndent && m_isCodePossible) || !beginsFence(content)) return true;
        if (m_mayBeTable) {
            m_isLost = m_isLostForGood = true;
            return true;
        }
        m_fence = {
            BorderContext::Fence, content.front(), 0, runLength(content, content.front()), {}};
        m_context = {};
        return true;
    }

    // Behind the marks of quotes and items.
    static QStringView innerOf(QStringView content) {
        while (true) {
            content = content.trimmed();
            const std::optional<Item> item = content.isEmpty() ? std::nullopt : itemOf(content);
            if (content.startsWith(u'>'))
                content = content.mid(1);
            else if (item && item->isCertain)
                content = content.mid(item->contentOffset);
            else
                return content;
        }
    }

    void openNested(QStringView inner, bool isInQuote) {
        if (inner.isEmpty() || !beginsFence(inner)) return;
        m_nested = {BorderContext::Fence, inner.front(), 0, runLength(inner, inner.front()), {}};
        m_isNestedInQuote = isInQuote;
    }

    void takeNested(QStringView inner) {
        if (closesFence(inner, m_nested)) m_nested = {};
    }

    // Its lines may look like items.
    void lookForFormula(QStringView content) {
        qsizetype begin = 0;
        while (begin < content.size() && (content[begin] == u'>' || content[begin] == u' '))
            ++begin;
        // Behind an item's mark too.
        if (const std::optional<Item> item = itemOf(content); item && item->isCertain)
            begin = std::min(item->contentOffset, content.size());
        const QStringView text = content.mid(begin);
        QString end;
        if (text.startsWith(QLatin1String("$$"))) end = QStringLiteral("$$");
        if (text.startsWith(QLatin1String("\\["))) end = QStringLiteral("\\]");
        if (!end.isEmpty() && !text.mid(2).contains(end)) m_formulaEnd = end;
    }

    QStringView m_text;
    BorderContext m_context;
    bool m_isAfterBlank;  // or at the begin of a block
    MarkdownBorder m_border;
    bool m_isInParagraph = false;
    bool m_isParagraphNested = false;  // in a quote or item
    bool m_mayBeTable = false;         // and a fence that is indented a row of it
    bool m_isOfDefinitions = false;    // perhaps, the paragraph
    bool m_isCodePossible = true;      // by indentation
    bool m_isListCertain = true;
    qsizetype m_itemOffset = 0;  // of the list's last item's text
    bool m_isOffsetCertain = true;
    qsizetype m_headerBegin = -1;  // of a line that may be a table's header
    bool m_isLostForGood = false;
    bool m_isLost = false;   // what is open is not known until text at the margin follows a blank
    BorderContext m_nested;  // a fence in a quote or item; length 0: none
    bool m_isNestedInQuote = false;
    BorderContext m_fence;  // one that is indented; length 0: none
    QString m_formulaEnd;   // empty: no displayed formula is open
};

// The lines of which md4c tells no text: blank ones, lines that are marks only, definitions.
class SilentLines {
public:
    explicit SilentLines(const QByteArray& utf8) : m_utf8(utf8), m_lines(utf8.split('\n')) {
        for (qsizetype number = 0, begin = 0; number < m_lines.size(); ++number) {
            m_begins.push_back(begin);
            begin += m_lines[number].size() + 1;
        }
        m_isSilent.assign(m_begins.size(), true);
        MD_PARSER parser{};
        parser.flags = kMd4cFlags;
        const auto ignoreBlock = [](MD_BLOCKTYPE, void*, void*) { return 0; };
        const auto ignoreSpan = [](MD_SPANTYPE, void*, void*) { return 0; };
        parser.enter_block = parser.leave_block = ignoreBlock;
        parser.enter_span = parser.leave_span = ignoreSpan;
        parser.text = [](MD_TEXTTYPE, const MD_CHAR* text, MD_SIZE size, void* self) {
            static_cast<SilentLines*>(self)->take(text, static_cast<qsizetype>(size));
            return 0;
        };
        md_parse(utf8.constData(), static_cast<MD_SIZE>(utf8.size()), &parser, this);
    }

    qsizetype count() const { return m_lines.size(); }
    const QByteArray& line(qsizetype number) const { return m_lines[number]; }
    bool isSilent(qsizetype number) const {
        return number < count() && m_isSilent[static_cast<std::size_t>(number)];
    }

private:
    void take(const char* text, qsizetype size) {
        // Line ends and the like are texts of md4c's own.
        const std::less<const char*> before;
        if (before(text, m_utf8.constData()) || !before(text, m_utf8.constData() + m_utf8.size()))
            return;
        const qsizetype begin = text - m_utf8.constData();
        auto line = std::prev(std::upper_bound(m_begins.begin(), m_begins.end(), begin));
        for (; line != m_begins.end() && *line < begin + size; ++line)
            m_isSilent[static_cast<std::size_t>(line - m_begins.begin())] = false;
    }

    const QByteArray& m_utf8;
    QList<QByteArray> m_lines;
    std::vector<qsizetype> m_begins;
    std::vector<bool> m_isSilent;
};

}  // namespace

bool closesFence(QStringView line, const BorderContext& fence) {
    if (indentOf(line) >= kCodeIndent) return false;
    const QStringView content = line.trimmed();
    const qsizetype length = runLength(content, fence.mark);
    return length >= fence.length && length == content.size();
}

MarkdownBorder findBorder(QStringView text, const BorderContext& begin) {
    Scanner scanner(text, begin);
    forEachLine(text, [&scanner](const Line& line) { return scanner.take(line); });
    return scanner.border();
}

QList<LinkDefinition> findDefinitions(const QString& text) {
    QList<LinkDefinition> definitions;
    if (!text.contains(QLatin1String("]:"))) return definitions;
    const MarkdownSource source(text);
    const SilentLines silent(source.utf8());
    for (qsizetype number = 0; number < silent.count(); ++number) {
        if (!silent.isSilent(number)) continue;
        const QString line = source.restored(QString::fromUtf8(silent.line(number)));
        const qsizetype open = line.indexOf(u'[');
        const qsizetype close = line.indexOf(QLatin1String("]:"));
        if (open < 0 || close <= open + 1) continue;
        QString written = line.mid(open).trimmed();
        // Where to may stand on the next line.
        if (written.endsWith(QLatin1String("]:")) && silent.isSilent(number + 1))
            written += QLatin1Char('\n') +
                       source.restored(QString::fromUtf8(silent.line(number + 1))).trimmed();
        definitions.append({line.mid(open + 1, close - open - 1), written});
    }
    return definitions;
}

}  // namespace sotto::app

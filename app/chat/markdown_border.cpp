#include "app/chat/markdown_border.h"

#include <algorithm>
#include <optional>
#include <utility>

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
            m_isAfterBlank = m_isCodePossible = true;
            m_isInParagraph = false;
            if (m_isNestedInQuote) m_nested = {};
            m_formulaEnd.clear();
            m_headerBegin = -1;
            if (m_context.kind == BorderContext::Table) m_context = {};
            return true;
        }
        const qsizetype indent = indentOf(line.text);
        // Code is never within a formula.
        if (beginsFence(content)) m_formulaEnd.clear();
        const bool isInFence = m_fence.length > 0;
        const bool isInside = m_fence.length > 0 || !m_formulaEnd.isEmpty();
        bool goesOn = true;
        if (m_fence.length > 0) {
            if (closesFence(line.text, m_fence)) m_fence = {};
        } else if (isInside) {
            if (content.contains(m_formulaEnd)) m_formulaEnd.clear();
        } else if (indent == 0) {
            goesOn = takeAtMargin(line, content);
        } else {
            takeIndented(content, indent);
        }
        if (!isInside) lookForFormula(content);
        m_isAfterBlank = false;
        const QStringView inner = innerOf(content);
        const bool isFenceEnd = isInFence && m_fence.length == 0;
        m_isCodePossible =
            isFenceEnd ||
            (!isInFence && (content.startsWith(u'#') || isRule(content, m_isInParagraph) ||
                            (m_isCodePossible && indent >= kCodeIndent)));
        m_isInParagraph = !isInFence && m_context.kind != BorderContext::Table &&
                          m_nested.length == 0 && !inner.isEmpty() && !inner.startsWith(u'#') &&
                          !isRule(inner, m_isInParagraph && m_context.kind == BorderContext::Top) &&
                          !beginsFence(inner);
        return goesOn && m_border.position < kEnough;
    }
    const MarkdownBorder& border() const { return m_border; }

private:
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
            if (isQuote && m_isNestedInQuote) {
                takeNested(innerOf(content));
                return true;
            }
            m_nested = {};
        }
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
            if (isInList) m_isListCertain = false;
            if (!isInList && m_isAfterBlank) setBorder(line.begin, {});
            return;
        }
        BorderContext list{BorderContext::List, item.mark, item.number, 0, {}};
        if (isSameList && item.isOrdered) {
            if (!m_isListCertain) return;
            list.next = m_context.next;
        } else if (item.isOrdered && m_isInParagraph && !isInList && item.number != 1) {
            // It goes on with the paragraph, or is an item behind a quote's.
            m_context = {BorderContext::List, {}, 0, 0, {}};
            m_itemOffset = item.contentOffset;
            m_isListCertain = false;
            return;
        } else if (isInList && item.isOrdered && !m_isListCertain) {
            return;
        }
        m_itemOffset = item.contentOffset;
        openNested(innerOf(line.text), false);
        m_isListCertain = true;
        setBorder(line.begin, list);
        if (item.isOrdered) ++m_context.next;
    }

    void takeIndented(QStringView content, qsizetype indent) {
        m_headerBegin = -1;
        const bool isInItem = m_context.kind == BorderContext::List && indent >= m_itemOffset;
        if (isInItem && m_nested.length > 0) {
            // Further in it may be code or, in an item of the item, the fence's end.
            if (indent >= m_itemOffset + kCodeIndent && closesFence(content, m_nested))
                m_isLost = true;
            takeNested(content);
            return;
        }
        if (isInItem) {
            openNested(innerOf(content), content.startsWith(u'>'));
            return;
        }
        m_nested = {};
        m_isListCertain = false;
        // A list that is indented itself: which items at the margin go on with it is not counted.
        if (const std::optional<Item> item = itemOf(content); item && indent < kCodeIndent) {
            m_context = {BorderContext::List, {}, 0, 0, {}};
            m_itemOffset = indent + std::max<qsizetype>(item->contentOffset, 2);
            openNested(innerOf(content), false);
            return;
        }
        // Right behind text md4c opens a fence however far it is indented.
        if ((indent >= kCodeIndent && m_isCodePossible) || !beginsFence(content)) return;
        m_fence = {
            BorderContext::Fence, content.front(), 0, runLength(content, content.front()), {}};
        m_context = {};
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
    bool m_isCodePossible = true;  // by indentation
    bool m_isListCertain = true;
    qsizetype m_itemOffset = 0;    // of the list's last item's text
    qsizetype m_headerBegin = -1;  // of a line that may be a table's header
    bool m_isLost = false;   // what is open is not known until text at the margin follows a blank
    BorderContext m_nested;  // a fence in a quote or item; length 0: none
    bool m_isNestedInQuote = false;
    BorderContext m_fence;  // one that is indented; length 0: none
    QString m_formulaEnd;   // empty: no displayed formula is open
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

QList<LinkDefinition> findDefinitions(QStringView text) {
    QList<LinkDefinition> definitions;
    if (!text.contains(QLatin1String("]:"))) return definitions;
    BorderContext fence;
    bool isFenceIndented = false;
    bool isInParagraph = false;  // which a definition does not interrupt
    forEachLine(text, [&](const Line& line) {
        const QStringView content = line.text.trimmed();
        if (fence.length > 0) {
            // One that is indented may be an item's, with its end further in or with the item.
            const bool isLeft =
                isFenceIndented && !content.isEmpty() && !line.text.front().isSpace();
            const bool isEnd = closesFence(isFenceIndented ? content : line.text, fence);
            if (isEnd || isLeft) fence = {};
            if (isEnd || !isLeft) return true;
        }
        const bool wasInParagraph = isInParagraph;
        isInParagraph =
            !content.isEmpty() && !content.startsWith(u'#') && !isRule(content, wasInParagraph);
        if (content.isEmpty()) return true;
        const qsizetype indent = indentOf(line.text);
        if ((indent < kCodeIndent || wasInParagraph) && beginsFence(content)) {
            isFenceIndented = indent > 0;
            fence = {
                BorderContext::Fence, content.front(), 0, runLength(content, content.front()), {}};
            isInParagraph = false;
            return true;
        }
        const qsizetype open = content.indexOf(u'[');
        const qsizetype close = content.indexOf(QLatin1String("]:"));
        if (open < 0 || close <= open + 1) return true;
        const QStringView before = content.first(open);
        const bool isBehindMarks = std::all_of(before.begin(), before.end(), [](QChar character) {
            return character.isSpace() || character.isDigit() ||
                   QStringView(u">-*+.)").contains(character);
        });
        const bool isNested = open > 0 || line.text.front().isSpace();
        if (!isBehindMarks || (wasInParagraph && !isNested)) return true;
        definitions.append({content.mid(open + 1, close - open - 1).toString(),
                            content.mid(open).toString(), isNested});
        isInParagraph = isNested;
        return true;
    });
    return definitions;
}

}  // namespace sotto::app

#include "app/chat/markdown_cut.h"

#include <QStringView>

namespace sotto::app {
namespace {

constexpr qsizetype kCodeIndent = 4;   // from here on a line is code, not a fence
constexpr qsizetype kFenceLength = 3;  // CommonMark: at least

qsizetype runLength(QStringView text, QChar mark) {
    qsizetype length = 0;
    while (length < text.size() && text[length] == mark) ++length;
    return length;
}

// "- ", "12. ", or what may still become one at the end of the text.
bool isItem(QStringView content) {
    if (content.isEmpty()) return false;
    qsizetype end = 0;
    while (end < content.size() && content[end].isDigit()) ++end;
    if (end == content.size()) return true;
    if (end > 0) {
        if (content[end] != u'.' && content[end] != u')') return false;
    } else if (content[0] != u'-' && content[0] != u'*' && content[0] != u'+') {
        return false;
    }
    return end + 1 == content.size() || content[end + 1].isSpace();
}

class Scanner {
public:
    void take(QStringView line, qsizetype position) {
        const QStringView content = line.trimmed();
        if (content.isEmpty()) {
            m_isAfterBlank = true;
            return;
        }
        qsizetype indent = 0;
        while (line[indent].isSpace()) ++indent;
        if (!isInFence()) lookForCut(content, indent, position);
        m_isAfterBlank = false;
        if (takeFence(content, indent) || isInFence()) return;
        if (isItem(content)) m_isInList = true;
        const qsizetype quote = runLength(content, u'>');
        const QStringView inside = content.mid(quote).trimmed();
        if (inside.startsWith(u'[') && inside.contains(QLatin1String("]:")))
            m_cut.hasDefinition = true;
    }
    const MarkdownCut& cut() const { return m_cut; }

private:
    bool isInFence() const { return m_fenceLength > 0; }

    void lookForCut(QStringView content, qsizetype indent, qsizetype position) {
        if (!m_isAfterBlank || indent > 0 || (m_isInList && isItem(content))) return;
        m_cut.settled = position;
        m_isInList = false;
    }

    bool takeFence(QStringView content, qsizetype indent) {
        const QChar mark = content.front();
        if (mark != u'`' && mark != u'~') return false;
        const qsizetype length = runLength(content, mark);
        if (length < kFenceLength || indent >= kCodeIndent) return false;
        if (isInFence()) {
            if (mark != m_fenceMark || length < m_fenceLength || length < content.size())
                return false;
            m_fenceLength = 0;
            return true;
        }
        // One inside a list item ends with it at the latest.
        if (m_isInList && indent > 0) return false;
        if (mark == u'`' && content.mid(length).contains(u'`')) return false;  // code in a line
        m_fenceMark = mark;
        m_fenceLength = length;
        return true;
    }

    MarkdownCut m_cut;
    bool m_isAfterBlank = false;
    bool m_isInList = false;
    QChar m_fenceMark;
    qsizetype m_fenceLength = 0;  // 0: outside
};

}  // namespace

MarkdownCut findMarkdownCut(const QString& text) {
    Scanner scanner;
    const QStringView whole(text);
    for (qsizetype begin = 0; begin < whole.size();) {
        qsizetype end = whole.indexOf(u'\n', begin);
        if (end < 0) end = whole.size();
        scanner.take(whole.mid(begin, end - begin), begin);
        begin = end + 1;
    }
    return scanner.cut();
}

}  // namespace sotto::app

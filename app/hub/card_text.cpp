#include "app/hub/card_text.h"

#include <QHash>
#include <QSet>
#include <QStringView>
#include <QVector>
#include <algorithm>
#include <utility>

#include "app/chat/markdown_blocks.h"

namespace sotto::app {
namespace {

// Longer ones are text: where a tag is never closed, each "<" must not look through all that
// follows.
constexpr qsizetype kLongestTag = 4096;

enum class TagKind { Block, Inline, Item, Cell, Heading, Picture, Link, Rule, Dropped };

const QHash<QString, TagKind>& knownTags() {
    static const QHash<QString, TagKind> kTags = [] {
        QHash<QString, TagKind> tags;
        const auto add = [&tags](TagKind kind, std::initializer_list<const char*> names) {
            for (const char* name : names) tags.insert(QString::fromLatin1(name), kind);
        };
        add(TagKind::Block, {"div",     "p",     "center", "section",    "article", "header",
                             "footer",  "main",  "nav",    "aside",      "details", "summary",
                             "figure",  "ul",    "ol",     "dl",         "dt",      "dd",
                             "table",   "thead", "tbody",  "tfoot",      "tr",      "caption",
                             "picture", "video", "audio",  "figcaption", "pre",     "blockquote"});
        add(TagKind::Inline, {"span", "font", "u", "small", "big", "ins", "mark", "abbr", "samp",
                              "var", "cite", "time", "source", "wbr", "tt"});
        add(TagKind::Item, {"li"});
        add(TagKind::Cell, {"td", "th"});
        add(TagKind::Heading, {"h1", "h2", "h3", "h4", "h5", "h6"});
        add(TagKind::Picture, {"img"});
        add(TagKind::Link, {"a"});
        add(TagKind::Rule, {"hr"});
        add(TagKind::Dropped, {"script", "style", "svg", "iframe", "object", "template"});
        return tags;
    }();
    return kTags;
}

bool isNameCharacter(QChar character) {
    return character.isLetterOrNumber() && character.unicode() < 0x80;
}

struct Tag {
    QString name;  // in lower case
    bool isEnd = false;
    QHash<QString, QString> values;  // of attributes, their entities as written
    qsizetype end = 0;               // behind its ">"
};

// The tag at `begin`, where "<" stands; its length 0: there is none.
Tag tagAt(QStringView text, qsizetype begin) {
    const QStringView part = text.mid(begin, kLongestTag);
    qsizetype at = 1;
    Tag tag;
    if (at < part.size() && part[at] == u'/') {
        tag.isEnd = true;
        ++at;
    }
    const qsizetype nameBegin = at;
    while (at < part.size() && isNameCharacter(part[at])) ++at;
    tag.name = part.mid(nameBegin, at - nameBegin).toString().toLower();
    const auto skipSpace = [&] {
        while (at < part.size() && part[at].isSpace()) ++at;
    };
    while (at < part.size()) {
        skipSpace();
        if (at >= part.size()) break;
        if (part[at] == u'>') {
            tag.end = begin + at + 1;
            return tag;
        }
        const qsizetype keyBegin = at;
        while (at < part.size() && !part[at].isSpace() && part[at] != u'>' && part[at] != u'=' &&
               part[at] != u'<')
            ++at;
        if (at < part.size() && part[at] == u'<') break;  // another one begins: this is text
        const QString key = part.mid(keyBegin, at - keyBegin).toString().toLower();
        skipSpace();
        if (at >= part.size() || part[at] != u'=') continue;
        ++at;
        skipSpace();
        if (at >= part.size()) break;
        const QChar quote = part[at];
        if (quote == u'"' || quote == u'\'') {
            const qsizetype closing = part.indexOf(quote, at + 1);
            if (closing < 0) break;
            tag.values.insert(key, part.mid(at + 1, closing - at - 1).toString());
            at = closing + 1;
        } else {
            const qsizetype valueBegin = at;
            while (at < part.size() && !part[at].isSpace() && part[at] != u'>' && part[at] != u'<')
                ++at;
            tag.values.insert(key, part.mid(valueBegin, at - valueBegin).toString());
        }
    }
    return tag;
}

// Words of an attribute as Markdown has them: nothing in them is markup but references, which are
// the same in both.
QString asWords(const QString& value) {
    QString words;
    for (const QChar character : value.simplified()) {
        const char16_t unit = character.unicode();
        const bool isMark = unit < 0x80 && character != u' ' && character != u'&' &&
                            character != u'#' && character != u';' && !character.isLetterOrNumber();
        if (isMark) words += QLatin1Char('\\');
        words += character;
    }
    return words;
}

class CardReader {
public:
    explicit CardReader(const QString& text) : m_text(text) {}

    QString read() {
        while (m_at < m_text.size()) {
            if (isLineBegin() && skipFence()) continue;
            const QChar character = m_text[m_at];
            if (character == u'`')
                copyCodeSpan();
            else if (character == u'\\' && m_at + 1 < m_text.size())
                copy(2);
            else if (character != u'<' || !takeTag())
                copy(1);
        }
        return m_out;
    }

private:
    bool isLineBegin() const { return m_at == 0 || m_text[m_at - 1] == u'\n'; }
    void copy(qsizetype length) {
        const qsizetype n = std::min(length, m_text.size() - m_at);
        m_out += QStringView(m_text).mid(m_at, n);
        m_at += n;
    }
    qsizetype lineEnd(qsizetype at) const {
        const qsizetype end = m_text.indexOf(u'\n', at);
        return end < 0 ? m_text.size() : end + 1;
    }
    struct Fence {
        QChar mark;  // "`" or "~"
        qsizetype nMarks = 0;
        QStringView words;  // behind them
    };
    // What stands at the margin at `at`; below three marks it is none.
    Fence fenceAt(qsizetype at) const {
        while (at < m_text.size() && m_text[at] == u' ') ++at;
        if (at >= m_text.size() || (m_text[at] != u'`' && m_text[at] != u'~')) return {};
        Fence fence{m_text[at], 0, {}};
        while (at < m_text.size() && m_text[at] == fence.mark) {
            ++fence.nMarks;
            ++at;
        }
        fence.words = QStringView(m_text).mid(at, lineEnd(at) - at).trimmed();
        return fence;
    }
    // Code in a fence, as it is; an open one goes to the end. Words behind marks end nothing, and
    // with backticks in them nothing begins (CommonMark 4.5).
    bool skipFence() {
        const Fence opening = fenceAt(m_at);
        if (opening.nMarks < 3 || (opening.mark == u'`' && opening.words.contains(u'`')))
            return false;
        qsizetype at = lineEnd(m_at);
        while (at < m_text.size()) {
            const Fence closing = fenceAt(at);
            at = lineEnd(at);
            if (closing.mark == opening.mark && closing.nMarks >= opening.nMarks &&
                closing.words.isEmpty())
                break;
        }
        copy(at - m_at);
        return true;
    }
    // To the same number of backticks within the paragraph, else these alone.
    void copyCodeSpan() {
        qsizetype nMarks = 0;
        while (m_at + nMarks < m_text.size() && m_text[m_at + nMarks] == u'`') ++nMarks;
        constexpr qsizetype kLongestSpan = 4096;
        const qsizetype last = std::min(m_text.size(), m_at + kLongestSpan);
        for (qsizetype at = m_at + nMarks; at < last; ++at) {
            if (m_text[at] == u'\n' && at + 1 < last && m_text[at + 1] == u'\n') break;
            if (m_text[at] != u'`') continue;
            qsizetype nClosing = 0;
            while (at + nClosing < m_text.size() && m_text[at + nClosing] == u'`') ++nClosing;
            if (nClosing == nMarks) return copy(at + nClosing - m_at);
            at += nClosing - 1;
        }
        copy(nMarks);
    }
    // Behind `ending`, from `at` on; -1: it is nowhere, and is not looked for again.
    qsizetype behind(const QString& ending, qsizetype at) {
        if (m_missing.contains(ending)) return -1;
        const qsizetype found = m_text.indexOf(ending, at, Qt::CaseInsensitive);
        if (found < 0) m_missing.insert(ending);
        return found < 0 ? -1 : found + ending.size();
    }
    // False: no tag that is known; the "<" is text.
    bool takeTag() {
        if (QStringView(m_text).mid(m_at).startsWith(QLatin1String("<!--"))) {
            const qsizetype end = behind(QStringLiteral("-->"), m_at + 4);
            if (end >= 0) m_at = end;
            return end >= 0;
        }
        const Tag tag = tagAt(m_text, m_at);
        const auto kind = knownTags().constFind(tag.name);
        if (tag.end == 0 || kind == knownTags().constEnd()) return false;
        m_at = tag.end;
        write(tag, *kind);
        return true;
    }
    void write(const Tag& tag, TagKind kind) {
        switch (kind) {
            case TagKind::Inline: return;
            case TagKind::Cell:
                if (!tag.isEnd) m_out += QLatin1Char(' ');
                return;
            case TagKind::Picture:
                m_out += asWords(tag.values.value(QStringLiteral("alt")));
                return;
            case TagKind::Link: return writeLink(tag);
            case TagKind::Dropped:
                if (tag.isEnd) return;
                if (const qsizetype end = behind(QStringLiteral("</") + tag.name, m_at); end >= 0)
                    m_at = behindTag(end);
                return;
            case TagKind::Block:
            case TagKind::Item:
            case TagKind::Heading:
            case TagKind::Rule: return writeBlock(tag, kind);
        }
    }
    qsizetype behindTag(qsizetype at) const {
        const qsizetype end = m_text.indexOf(u'>', at);
        return end < 0 ? m_text.size() : end + 1;
    }
    // What stands around it are paragraphs of their own, which begin at the margin: what was set in
    // for a browser is no code.
    void writeBlock(const Tag& tag, TagKind kind) {
        while (!m_out.isEmpty() && (m_out.back() == u' ' || m_out.back() == u'\t')) m_out.chop(1);
        if (!m_out.isEmpty() && kind == TagKind::Item && m_out.back() != u'\n')
            m_out += QLatin1Char('\n');
        if (kind != TagKind::Item) m_out += QLatin1String("\n\n");
        if (kind == TagKind::Item && !tag.isEnd) m_out += QLatin1String("- ");
        if (kind == TagKind::Rule) m_out += QLatin1String("---\n\n");
        if (kind == TagKind::Heading && !tag.isEnd)
            m_out += QString(tag.name.back().digitValue(), u'#') + QLatin1Char(' ');
        while (m_at < m_text.size() && m_text[m_at].isSpace()) ++m_at;
        skipFence();  // set in behind its tag, where no line begins any more
    }
    void writeLink(const Tag& tag) {
        if (tag.isEnd) {
            if (m_links.isEmpty()) return;
            const QString target = m_links.takeLast();
            if (!target.isEmpty()) m_out += QLatin1String("](<") + target + QLatin1String(">)");
            return;
        }
        QString target = tag.values.value(QStringLiteral("href")).simplified();
        // It would end the address, or begin another one.
        const auto isBreaking = [](QChar character) {
            return character == u'<' || character == u'>' || character == u'\\';
        };
        if (std::any_of(target.cbegin(), target.cend(), isBreaking)) target.clear();
        // A link in a link is none.
        if (!m_links.isEmpty()) target.clear();
        if (!target.isEmpty()) m_out += QLatin1Char('[');
        m_links.append(target);
    }

    const QString& m_text;
    qsizetype m_at = 0;
    QString m_out;
    QVector<QString> m_links;  // targets of the open ones; empty: it is shown as text
    QSet<QString> m_missing;   // endings that do not come any more
};

// Behind the YAML between two lines of "---" with which a card begins.
QString withoutFrontMatter(const QString& text) {
    if (!text.startsWith(QLatin1String("---\n"))) return text;
    const qsizetype end = text.indexOf(QLatin1String("\n---"), 3);
    if (end < 0) return text;
    const qsizetype lineEnd = text.indexOf(QLatin1Char('\n'), end + 1);
    const QStringView line = QStringView(text).mid(end + 1, lineEnd < 0 ? -1 : lineEnd - end - 1);
    if (line.trimmed() != QLatin1String("---")) return text;
    return lineEnd < 0 ? QString() : text.mid(lineEnd + 1);
}

}  // namespace

QString cardMarkdown(const std::string& readme) {
    QString text = QString::fromUtf8(readme.data(), static_cast<qsizetype>(readme.size()));
    text.replace(QLatin1String("\r\n"), QLatin1String("\n"));
    text.replace(QLatin1Char('\r'), QLatin1Char('\n'));
    if (text.startsWith(QChar(QChar::ByteOrderMark))) text.remove(0, 1);
    const QString body = withoutFrontMatter(text);
    return CardReader(body).read().trimmed();
}

bool cutCard(QString& markdown) {
    bool isWhole = true;
    while (parseMarkdown(markdown).size() > kMostCardBlocks) {
        const qsizetype middle = markdown.size() / 2;
        const qsizetype line = markdown.lastIndexOf(QLatin1Char('\n'), middle);
        markdown.truncate(line > 0 ? line : middle);
        isWhole = false;
    }
    return isWhole;
}

}  // namespace sotto::app

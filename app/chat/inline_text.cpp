#include "app/chat/inline_text.h"

#include <QStringList>
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace sotto::app {
namespace {

constexpr QChar kLineBreak = QChar::LineSeparator;

// A stretch of the text that has one style; those between the spans have none.
struct Stretch {
    QStringView text;
    quint16 styles = 0;
    QString target;
};

QList<Stretch> stretchesOf(const InlineText& content) {
    QList<Stretch> stretches;
    const QStringView text(content.text);
    qsizetype at = 0;
    for (const InlineSpan& span : content.spans) {
        if (span.start > at) stretches.append({text.mid(at, span.start - at), 0, {}});
        stretches.append({text.mid(span.start, span.length), span.styles, span.target});
        at = span.start + span.length;
    }
    if (at < text.size()) stretches.append({text.mid(at), 0, {}});
    return stretches;
}

QString formulaSource(const Stretch& stretch) {
    const QString fence =
        (stretch.styles & DisplayFormula) != 0 ? QStringLiteral("$$") : QStringLiteral("$");
    return fence + stretch.target + fence;
}

// What is written around a stretch, outermost first, so that neighbours share what they have in
// common.
struct Mark {
    quint16 style;
    const char* htmlBegin;
    const char* htmlEnd;
    const char* markdownBegin;
    const char* markdownEnd;
};
constexpr std::array<Mark, 7> kMarks{{
    {Link, "", "</a>", "[", ""},
    {Bold, "<b>", "</b>", "**", "**"},
    {Italic, "<i>", "</i>", "*", "*"},
    {Strike, "<s>", "</s>", "~~", "~~"},
    {Subscript, "<sub>", "</sub>", "<sub>", "</sub>"},
    {Superscript, "<sup>", "</sup>", "<sup>", "</sup>"},
    {Code, "<code>", "</code>", "", ""},
}};

// Opens and closes marks from stretch to stretch, properly nested.
template <typename Open, typename Close>
class MarkStack {
public:
    MarkStack(Open open, Close close) : m_open(open), m_close(close) {}

    void change(quint16 styles, const QString& target) {
        close(styles, target);
        open(styles, target);
    }

    // Those that do not go on.
    void close(quint16 styles, const QString& target) {
        std::size_t nKept = 0;
        while (nKept < m_marks.size() && (styles & m_marks[nKept].first->style) != 0 &&
               (m_marks[nKept].first->style != Link || m_marks[nKept].second == target))
            ++nKept;
        while (m_marks.size() > nKept) {
            m_close(*m_marks.back().first, m_marks.back().second);
            m_marks.pop_back();
        }
    }

    // Those that begin.
    void open(quint16 styles, const QString& target) {
        for (const Mark& mark : kMarks) {
            if ((styles & mark.style) == 0 || has(mark.style)) continue;
            const QString to = mark.style == Link ? target : QString();
            m_open(mark, to);
            m_marks.emplace_back(&mark, to);
        }
    }

private:
    bool has(quint16 style) const {
        return std::any_of(m_marks.begin(), m_marks.end(),
                           [style](const auto& open) { return open.first->style == style; });
    }

    Open m_open;
    Close m_close;
    std::vector<std::pair<const Mark*, QString>> m_marks;
};

QString escapedForMarkdown(QStringView text, bool isAtLineBegin) {
    static const QString kSpecial = QStringLiteral("\\`*_[]<>&$~|");
    QString result;
    bool isBegin = isAtLineBegin;
    for (const QChar character : text) {
        if (character == kLineBreak) {
            // Two blanks would be taken away by programs that tidy line ends.
            result += QStringLiteral("\\\n");
            isBegin = true;
            continue;
        }
        const bool isBlockMark = isBegin && QStringView(u"#-+=>:").contains(character);
        // "1." begins a list too: the mark behind the digits is escaped.
        const bool isOrdinalMark = (character == u'.' || character == u')') && !result.isEmpty() &&
                                   result.back().isDigit();
        if (kSpecial.contains(character) || isBlockMark || isOrdinalMark)
            result += QLatin1Char('\\');
        result += character;
        if (!character.isSpace()) isBegin = false;
    }
    return result;
}

// In backticks that the code itself does not contain.
QString codeForMarkdown(QStringView code) {
    qsizetype longest = 0, run = 0;
    for (const QChar character : code) {
        run = character == u'`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString fence(longest + 1, QLatin1Char('`'));
    QString text = code.toString();
    text.replace(kLineBreak, QLatin1Char(' '));
    const bool isPadded = text.startsWith(QLatin1Char('`')) || text.endsWith(QLatin1Char('`')) ||
                          (text.startsWith(QLatin1Char(' ')) && text.endsWith(QLatin1Char(' ')) &&
                           !text.trimmed().isEmpty());
    const QString pad = isPadded ? QStringLiteral(" ") : QString();
    return fence + pad + text + pad + fence;
}

}  // namespace

void InlineText::append(const QString& part, quint16 styles, const QString& target) {
    if (part.isEmpty()) return;
    const int start = static_cast<int>(text.size());
    text += part;
    if (styles == 0) return;
    const int length = static_cast<int>(part.size());
    if (!spans.isEmpty() && (styles & Formula) == 0) {
        InlineSpan& last = spans.back();
        if (last.start + last.length == start && last.styles == styles && last.target == target) {
            last.length += length;
            return;
        }
    }
    spans.append({start, length, styles, target});
}

InlineText mid(const InlineText& text, qsizetype from, qsizetype length) {
    from = std::clamp<qsizetype>(from, 0, text.text.size());
    const qsizetype end = length < 0 ? text.text.size() : std::min(from + length, text.text.size());
    InlineText part{text.text.mid(from, end - from), {}};
    for (const InlineSpan& span : text.spans) {
        const qsizetype begin = std::max<qsizetype>(span.start, from);
        const qsizetype stop = std::min<qsizetype>(span.start + span.length, end);
        if (begin >= stop) continue;
        part.spans.append({static_cast<int>(begin - from), static_cast<int>(stop - begin),
                           span.styles, span.target});
    }
    return part;
}

QString plainText(const InlineText& text) {
    QString result;
    for (const Stretch& stretch : stretchesOf(text))
        result +=
            (stretch.styles & Formula) != 0 ? formulaSource(stretch) : stretch.text.toString();
    result.replace(kLineBreak, QLatin1Char('\n'));
    return result;
}

QString toHtml(const InlineText& text) {
    QString result;
    MarkStack marks(
        [&result](const Mark& mark, const QString& target) {
            result += mark.style == Link
                          ? QStringLiteral("<a href=\"%1\">").arg(target.toHtmlEscaped())
                          : QLatin1String(mark.htmlBegin);
        },
        [&result](const Mark& mark, const QString&) { result += QLatin1String(mark.htmlEnd); });
    for (const Stretch& stretch : stretchesOf(text)) {
        const bool isFormula = (stretch.styles & Formula) != 0;
        marks.change(stretch.styles, isFormula ? QString() : stretch.target);
        const QString shown = isFormula ? formulaSource(stretch) : stretch.text.toString();
        result += shown.toHtmlEscaped().replace(kLineBreak, QLatin1String("<br>"));
    }
    marks.change(0, {});
    return result;
}

QString toMarkdown(const InlineText& text) {
    QString result;
    MarkStack marks([&result](const Mark& mark,
                              const QString&) { result += QLatin1String(mark.markdownBegin); },
                    [&result](const Mark& mark, const QString& target) {
                        result += mark.style == Link ? QStringLiteral("](<%1>)").arg(target)
                                                     : QLatin1String(mark.markdownEnd);
                    });
    QString blanks;  // of the end so far: emphasis neither begins nor ends at a blank
    for (const Stretch& stretch : stretchesOf(text)) {
        const bool isFormula = (stretch.styles & Formula) != 0;
        const bool isCode = (stretch.styles & Code) != 0;
        const QString target = isFormula ? QString() : stretch.target;
        QStringView rest = stretch.text;
        qsizetype nLeading = 0;
        while (!isCode && nLeading < rest.size() && rest[nLeading].isSpace()) ++nLeading;
        blanks += escapedForMarkdown(rest.first(nLeading), false);
        rest = rest.mid(nLeading);
        if (rest.isEmpty()) continue;
        marks.close(stretch.styles, target);
        result += std::exchange(blanks, {});
        marks.open(stretch.styles, target);
        qsizetype nTrailing = 0;
        while (!isCode && rest[rest.size() - 1 - nTrailing].isSpace()) ++nTrailing;
        const QStringView body = rest.chopped(nTrailing);
        if (isFormula)
            result += formulaSource(stretch);
        else if (isCode)
            result += codeForMarkdown(body);
        else
            result +=
                escapedForMarkdown(body, result.isEmpty() || result.endsWith(QLatin1Char('\n')));
        blanks = escapedForMarkdown(rest.last(nTrailing), false);
    }
    marks.change(0, {});
    return result + blanks;
}

TextDirection directionOf(const InlineText& text) {
    qsizetype span = 0;
    for (qsizetype at = 0; at < text.text.size(); ++at) {
        while (span < text.spans.size() && text.spans[span].start + text.spans[span].length <= at)
            ++span;
        if (span < text.spans.size() && text.spans[span].start <= at &&
            (text.spans[span].styles & (Code | Formula)) != 0) {
            at = text.spans[span].start + text.spans[span].length - 1;
            continue;
        }
        char32_t character = text.text[at].unicode();
        if (text.text[at].isHighSurrogate() && at + 1 < text.text.size()) {
            character = QChar::surrogateToUcs4(text.text[at], text.text[at + 1]);
            ++at;
        }
        switch (QChar::direction(character)) {
            case QChar::DirL: return TextDirection::LeftToRight;
            case QChar::DirR:
            case QChar::DirAL: return TextDirection::RightToLeft;
            default: break;
        }
    }
    return TextDirection::None;
}

}  // namespace sotto::app

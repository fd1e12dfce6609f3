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

// Text within a line of Markdown; knows what of the line stands before.
class MarkdownEscaper {
public:
    QString escaped(QStringView text, bool isInLink = false) {
        static const QStringView kSpecial(u"\\`*_[<>&$~|@");
        QString result;
        for (qsizetype at = 0; at < text.size(); ++at) {
            const QChar character = text[at];
            if (character == kLineBreak) {
                // Two blanks would be taken away by programs that tidy line ends.
                result += QStringLiteral("\\\n");
                beginLine();
                continue;
            }
            // Both escaped would be a formula's.
            if (isInLink && (character == u'[' || character == u']')) {
                result += character == u'[' ? QStringLiteral("&#91;") : QStringLiteral("&#93;");
                goBehindText();
                continue;
            }
            const bool isBlockMark = m_isBegin && QStringView(u"#-+=>:").contains(character);
            // "1." begins a list too: the mark behind the digits is escaped.
            const bool isOrdinalMark = m_isOrdinal && (character == u'.' || character == u')');
            // An address would become a link, and a link behind ! a picture.
            const bool isAddress =
                (character == u':' && text.mid(at + 1).startsWith(QLatin1String("//"))) ||
                (character == u'.' &&
                 text.first(at).endsWith(QLatin1String("www"), Qt::CaseInsensitive));
            const bool isPicture = character == u'!' && at + 1 == text.size();
            if (kSpecial.contains(character) || isBlockMark || isOrdinalMark || isAddress ||
                isPicture)
                result += QLatin1Char('\\');
            result += character;
            m_isOrdinal = (m_isBegin || m_isOrdinal) && character >= u'0' && character <= u'9';
            if (!character.isSpace()) m_isBegin = false;
        }
        return result;
    }
    // Something else stands on the line.
    void goBehindText() { m_isBegin = m_isOrdinal = false; }

private:
    void beginLine() { m_isBegin = true, m_isOrdinal = false; }

    bool m_isBegin = true;
    bool m_isOrdinal = false;
};

// Between $, or between brackets where what stands beside it would make another formula of it.
QString formulaForMarkdown(const Stretch& stretch, QChar before, QChar after) {
    const bool isDisplay = (stretch.styles & DisplayFormula) != 0;
    QString tex = stretch.target;
    const bool hasDollar = tex.remove(QStringLiteral("\\$")).contains(QLatin1Char('$'));
    const bool isMistaken = hasDollar || before == u'$' || after == u'$' ||
                            (!isDisplay && after >= u'0' && after <= u'9');
    if (!isMistaken) return formulaSource(stretch);
    return isDisplay ? QStringLiteral("\\[%1\\]").arg(stretch.target)
                     : QStringLiteral("\\(%1\\)").arg(stretch.target);
}

QString linkTargetForMarkdown(const QString& target) {
    QString result;
    for (const QChar character : target) {
        if (QStringView(u"\\<>&").contains(character)) result += QLatin1Char('\\');
        result += character;
    }
    return QStringLiteral("](<%1>)").arg(result);
}

// A piece of Markdown: text, or the begin or end of a style.
struct MarkdownPiece {
    QString text;
    const Mark* mark = nullptr;
    qsizetype other = -1;  // of an end its begin, and the other way round
    bool isBegin = false;
    bool isFormula = false;

    bool isStars() const { return mark != nullptr && (mark->style & (Bold | Italic)) != 0; }
};

bool isMarkdownPunctuation(QChar character) {
    return character.isPunct() || (character.unicode() < 128 && character.isSymbol());
}

// Whether CommonMark lets stars begin between these two, or end between them the other way round;
// beside CJK text the parser is lenient.
bool mayBegin(QChar before, QChar after) {
    const auto isWide = [](QChar character) {
        return character.unicode() >= 0x2E80 && character.unicode() <= 0xFFDC &&
               !character.isSurrogate();
    };
    if (after.isNull() || after.isSpace()) return false;
    return !isMarkdownPunctuation(after) || before.isNull() || before.isSpace() ||
           isMarkdownPunctuation(before) ||
           (before.isLetterOrNumber() && (isWide(before) || isWide(after)));
}

// Bold and italic are written as tags where stars would not be read as such.
QString joinedMarkdown(QList<MarkdownPiece> pieces) {
    // The character beside this one's run of stars.
    const auto beside = [&pieces](qsizetype at, int step) {
        for (at += step; at >= 0 && at < pieces.size(); at += step) {
            const MarkdownPiece& piece = pieces[at];
            if (piece.isFormula) return QChar(u'x');
            const bool isStars = piece.isStars() && piece.text.startsWith(u'*');
            if (isStars || piece.text.isEmpty()) continue;
            return step < 0 ? piece.text.back() : piece.text.front();
        }
        return QChar();
    };
    const auto touches = [&pieces](qsizetype at, int step, bool isBegin) {
        const qsizetype next = at + step;
        return next >= 0 && next < pieces.size() && pieces[next].isStars() &&
               pieces[next].isBegin == isBegin && pieces[next].text.startsWith(u'*');
    };
    for (qsizetype end = 0; end < pieces.size(); ++end) {
        if (!pieces[end].isStars() || pieces[end].isBegin) continue;
        const qsizetype begin = pieces[end].other;
        // Runs of three are read as meant where both pairs have both ends in common.
        const bool isInRun = touches(begin, -1, true) || touches(end, 1, false);
        const bool isPair = isInRun && touches(begin, -1, true) && touches(end, 1, false) &&
                            pieces[begin - 1].other == end + 1;
        // Within others md4c reads a run between two marks as the end of the outer one.
        bool isWithin = false;
        for (qsizetype outer = 0; outer < begin; ++outer)
            isWithin = isWithin || (pieces[outer].isStars() && pieces[outer].isBegin &&
                                    (pieces[outer].other < 0 || pieces[outer].other > end));
        const auto isBlank = [](QChar character) {
            return character.isNull() || character.isSpace();
        };
        const bool isFree =
            !isWithin || isPair || (isBlank(beside(begin, -1)) && isBlank(beside(end, 1)));
        const bool isRead = isFree && (!isInRun || isPair) &&
                            mayBegin(beside(begin, -1), beside(begin, 1)) &&
                            mayBegin(beside(end, 1), beside(end, -1)) &&
                            !touches(begin, -1, false) && !touches(end, 1, true);
        if (isRead) continue;
        pieces[begin].text = QLatin1String(pieces[begin].mark->htmlBegin);
        pieces[end].text = QLatin1String(pieces[end].mark->htmlEnd);
    }
    QString result;
    for (const MarkdownPiece& piece : std::as_const(pieces)) result += piece.text;
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
    QList<MarkdownPiece> pieces;
    QList<qsizetype> open;
    MarkStack marks(
        [&](const Mark& mark, const QString&) {
            open.append(pieces.size());
            pieces.append({QLatin1String(mark.markdownBegin), &mark, -1, true});
        },
        [&](const Mark& mark, const QString& target) {
            const qsizetype begin = open.takeLast();
            pieces[begin].other = pieces.size();
            pieces.append({mark.style == Link ? linkTargetForMarkdown(target)
                                              : QString(QLatin1String(mark.markdownEnd)),
                           &mark, begin, false});
        });
    MarkdownEscaper escaper;
    QString blanks;  // of the end so far: emphasis neither begins nor ends at a blank
    QChar before;
    const QList<Stretch> stretches = stretchesOf(text);
    for (qsizetype index = 0; index < stretches.size(); ++index) {
        const Stretch& stretch = stretches[index];
        const bool isFormula = (stretch.styles & Formula) != 0;
        const bool isCode = (stretch.styles & Code) != 0;
        const quint16 styles = stretch.styles & ~Code;  // each piece of code has its own backticks
        const QString target = isFormula ? QString() : stretch.target;
        QStringView rest = stretch.text;
        qsizetype nLeading = 0;
        while (!isCode && nLeading < rest.size() && rest[nLeading].isSpace()) ++nLeading;
        blanks += escaper.escaped(rest.first(nLeading));
        rest = rest.mid(nLeading);
        marks.close(styles, target);
        if (rest.isEmpty()) continue;
        if (!blanks.isEmpty()) pieces.append({std::exchange(blanks, {})});
        marks.open(styles, target);
        qsizetype nTrailing = 0;
        while (!isCode && rest[rest.size() - 1 - nTrailing].isSpace()) ++nTrailing;
        const QStringView body = rest.chopped(nTrailing);
        if (isFormula) {
            const bool isLast = index + 1 == stretches.size();
            const QChar after = isLast ? QChar() : stretches[index + 1].text.front();
            pieces.append({formulaForMarkdown(stretch, before, after), nullptr, -1, false, true});
        } else {
            pieces.append({isCode ? codeForMarkdown(body)
                                  : escaper.escaped(body, (stretch.styles & Link) != 0)});
        }
        if (isFormula || isCode) escaper.goBehindText();
        before = pieces.back().text.back();
        blanks = escaper.escaped(rest.last(nTrailing));
        if (!blanks.isEmpty()) before = QChar();
    }
    marks.change(0, {});
    return joinedMarkdown(std::move(pieces)) + blanks;
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

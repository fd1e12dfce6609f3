#include "app/chat/code_highlighter.h"

#include <QSet>

#include "app/chat/code_languages.h"

namespace sotto::app {
namespace {

// One pass over the text; each token is either plain or wrapped in one span.
class Highlighter {
public:
    Highlighter(const QString& code, const CodeLanguage& language)
        : m_code(code), m_language(language) {
        m_html.reserve(code.size() * 2);
    }

    QString run() {
        while (m_at < m_code.size()) {
            if (skipComment() || skipString() || skipNumber() || skipWord()) continue;
            emitPlain(m_at, m_at + 1);
            ++m_at;
        }
        return std::move(m_html);
    }

private:
    bool startsWith(QStringView mark) const {
        return !mark.isEmpty() && QStringView(m_code).mid(m_at).startsWith(mark);
    }

    void emitPlain(qsizetype from, qsizetype to) {
        m_html += m_code.mid(from, to - from).toHtmlEscaped();
    }

    void emitSpan(QLatin1Char kind, qsizetype to) {
        m_html += QStringLiteral("<span class=\"%1\">").arg(kind);
        emitPlain(m_at, to);
        m_html += QStringLiteral("</span>");
        m_at = to;
    }

    qsizetype lineEnd() const {
        const qsizetype end = m_code.indexOf(QLatin1Char('\n'), m_at);
        return end < 0 ? m_code.size() : end;
    }

    bool skipComment() {
        for (const QString& mark : m_language.lineComments) {
            if (!startsWith(mark)) continue;
            emitSpan(QLatin1Char('c'), lineEnd());
            return true;
        }
        if (!startsWith(m_language.blockBegin)) return false;
        const qsizetype end =
            m_code.indexOf(m_language.blockEnd, m_at + m_language.blockBegin.size());
        emitSpan(QLatin1Char('c'), end < 0 ? m_code.size() : end + m_language.blockEnd.size());
        return true;
    }

    bool skipString() {
        for (const QString& quote : m_language.longQuotes) {
            if (!startsWith(quote)) continue;
            const qsizetype end = m_code.indexOf(quote, m_at + quote.size());
            emitSpan(QLatin1Char('s'), end < 0 ? m_code.size() : end + quote.size());
            return true;
        }
        const QChar quote = m_code[m_at];
        if (!m_language.quotes.contains(quote)) return false;
        qsizetype end = m_at + 1;
        while (end < m_code.size() && m_code[end] != quote && m_code[end] != QLatin1Char('\n'))
            end += m_code[end] == QLatin1Char('\\') ? 2 : 1;
        end = qMin(end, m_code.size());
        if (end < m_code.size() && m_code[end] == quote) ++end;
        emitSpan(QLatin1Char('s'), end);
        return true;
    }

    bool skipNumber() {
        if (!m_code[m_at].isDigit()) return false;
        qsizetype end = m_at;
        while (end < m_code.size() &&
               (m_code[end].isLetterOrNumber() || m_code[end] == QLatin1Char('.') ||
                m_code[end] == QLatin1Char('_')))
            ++end;
        emitSpan(QLatin1Char('n'), end);
        return true;
    }

    bool isWordCharacter(QChar character) const {
        return character.isLetterOrNumber() || character == QLatin1Char('_') ||
               m_language.wordCharacters.contains(character);
    }

    bool skipWord() {
        if (!isWordCharacter(m_code[m_at])) return false;
        qsizetype end = m_at;
        while (end < m_code.size() && isWordCharacter(m_code[end])) ++end;
        const QString word = m_code.mid(m_at, end - m_at);
        if (m_language.keywords.contains(m_language.isCaseInsensitive ? word.toLower() : word)) {
            emitSpan(QLatin1Char('k'), end);
        } else if (end < m_code.size() && m_code[end] == QLatin1Char('(')) {
            emitSpan(QLatin1Char('f'), end);
        } else {
            emitPlain(m_at, end);
            m_at = end;
        }
        return true;
    }

    const QString& m_code;
    const CodeLanguage& m_language;
    QString m_html;
    qsizetype m_at = 0;
};

}  // namespace

QString highlightCode(const QString& code, const QString& language) {
    const CodeLanguage rules = codeLanguage(language);
    return Highlighter(code, rules).run();
}

}  // namespace sotto::app

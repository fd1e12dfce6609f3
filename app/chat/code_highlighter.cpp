#include "app/chat/code_highlighter.h"

namespace sotto::app {
namespace {

// One pass over a line; each token is either plain or one span.
class LineScanner {
public:
    LineScanner(const CodeLanguage& language, CodeHighlighter::State& state, CodeLine& line)
        : m_language(language), m_state(state), m_line(line), m_text(line.text) {}

    void run() {
        if (m_state.kind != CodeHighlighter::State::Plain) goOn();
        while (m_at < m_text.size()) {
            if (skipComment() || skipLongString() || skipString() || skipNumber() || skipWord())
                continue;
            ++m_at;
        }
    }

private:
    using State = CodeHighlighter::State;

    bool startsWith(const QString& mark) const {
        return !mark.isEmpty() && m_text.mid(m_at).startsWith(mark);
    }

    void emitSpan(CodeClass kind, qsizetype to) {
        if (to > m_at)
            m_line.spans.append({static_cast<int>(m_at), static_cast<int>(to - m_at), kind});
        m_at = to;
    }

    // What began in a line before.
    void goOn() {
        const State state = std::exchange(m_state, {});
        if (state.kind == State::String)
            takeString(0, state.end);
        else
            takeUntil(state.kind, state.end, 0);
    }

    // A comment or long string that ends with `end`, looked for from `from`, or goes on behind this
    // line.
    void takeUntil(State::Kind kind, const QString& end, qsizetype from) {
        const CodeClass shown = kind == State::Comment ? CodeClass::Comment : CodeClass::String;
        const qsizetype found = m_text.indexOf(end, from);
        if (found < 0) m_state = {kind, end};
        emitSpan(shown, found < 0 ? m_text.size() : found + end.size());
    }

    // A string of one line, its content from `from`; a backslash before the line's end carries it
    // on.
    void takeString(qsizetype from, const QString& quote) {
        qsizetype end = from;
        while (end < m_text.size() && m_text[end] != quote[0])
            end += m_text[end] == QLatin1Char('\\') ? 2 : 1;
        if (end > m_text.size()) m_state = {State::String, quote};
        emitSpan(CodeClass::String, std::min(end + 1, m_text.size()));
    }

    bool skipComment() {
        for (const QString& mark : m_language.lineComments) {
            if (!startsWith(mark)) continue;
            emitSpan(CodeClass::Comment, m_text.size());
            return true;
        }
        if (!startsWith(m_language.blockBegin)) return false;
        takeUntil(State::Comment, m_language.blockEnd, m_at + m_language.blockBegin.size());
        return true;
    }

    bool skipLongString() {
        for (const QString& quote : m_language.longQuotes) {
            if (!startsWith(quote)) continue;
            takeUntil(State::LongString, quote, m_at + quote.size());
            return true;
        }
        return false;
    }

    bool skipString() {
        const QChar quote = m_text[m_at];
        if (!m_language.quotes.contains(quote)) return false;
        takeString(m_at + 1, quote);
        return true;
    }

    bool skipNumber() {
        if (!m_text[m_at].isDigit()) return false;
        qsizetype end = m_at;
        while (end < m_text.size() &&
               (m_text[end].isLetterOrNumber() || m_text[end] == QLatin1Char('.') ||
                m_text[end] == QLatin1Char('_')))
            ++end;
        emitSpan(CodeClass::Number, end);
        return true;
    }

    bool isWordCharacter(QChar character) const {
        return character.isLetterOrNumber() || character == QLatin1Char('_') ||
               m_language.wordCharacters.contains(character);
    }

    bool skipWord() {
        if (!isWordCharacter(m_text[m_at])) return false;
        qsizetype end = m_at;
        while (end < m_text.size() && isWordCharacter(m_text[end])) ++end;
        const QString word = m_text.mid(m_at, end - m_at).toString();
        if (m_language.keywords.contains(m_language.isCaseInsensitive ? word.toLower() : word))
            emitSpan(CodeClass::Keyword, end);
        else if (end < m_text.size() && m_text[end] == QLatin1Char('('))
            emitSpan(CodeClass::Call, end);
        else
            m_at = end;
        return true;
    }

    const CodeLanguage& m_language;
    CodeHighlighter::State& m_state;
    CodeLine& m_line;
    QStringView m_text;
    qsizetype m_at = 0;
};

}  // namespace

CodeHighlighter::CodeHighlighter(const QString& language) : m_language(codeLanguage(language)) {}

CodeLine CodeHighlighter::line(const QString& text) {
    CodeLine result{text, {}};
    LineScanner(m_language, m_state, result).run();
    return result;
}

QList<CodeLine> highlightCode(const QString& code, const QString& language) {
    CodeHighlighter highlighter(language);
    QList<CodeLine> lines;
    for (const QString& line : code.split(QLatin1Char('\n'))) lines.append(highlighter.line(line));
    return lines;
}

QString codeText(const QList<CodeLine>& lines) {
    QString text;
    for (qsizetype line = 0; line < lines.size(); ++line) {
        if (line > 0) text += QLatin1Char('\n');
        text += lines[line].text;
    }
    return text;
}

}  // namespace sotto::app

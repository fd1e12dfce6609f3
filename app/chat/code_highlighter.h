// Table-driven highlighting of code blocks, line by line: keywords, strings, numbers, comments and
// calls of some fifteen languages.
//
// The state at a line's end (inside a comment or a string that goes on) is all that the next line
// needs, so code that grows is highlighted from its last line. Unknown languages get strings and
// numbers only. Linear in the text; any thread, one highlighter in one thread.
#pragma once

#include <QList>
#include <QString>

#include "app/chat/code_languages.h"

namespace sotto::app {

enum class CodeClass : quint8 { Keyword, String, Number, Comment, Call };

struct CodeSpan {
    int start = 0;  // UTF-16 units of the line
    int length = 0;
    CodeClass kind = CodeClass::Keyword;

    bool operator==(const CodeSpan&) const = default;
};

struct CodeLine {
    QString text;           // without its line end
    QList<CodeSpan> spans;  // in order, not overlapping; what is between is plain

    bool operator==(const CodeLine&) const = default;
};

class CodeHighlighter {
public:
    // What goes on into the next line.
    struct State {
        enum Kind : quint8 { Plain, Comment, LongString, String } kind = Plain;
        QString end;  // what ends it

        bool operator==(const State&) const = default;
    };

    explicit CodeHighlighter(const QString& language);

    // The next line; moves the state to its end.
    CodeLine line(const QString& text);
    const State& state() const { return m_state; }
    void setState(State state) { m_state = std::move(state); }

private:
    CodeLanguage m_language;
    State m_state;
};

// All lines of finished code. Empty code has one empty line.
QList<CodeLine> highlightCode(const QString& code, const QString& language);

// The lines again as one text, with \n between them.
QString codeText(const QList<CodeLine>& lines);

}  // namespace sotto::app

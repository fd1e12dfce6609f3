// The lexical rules of the languages that code blocks are highlighted in. A table; see
// code_highlighter.h for its use.
#pragma once

#include <QSet>
#include <QString>
#include <QStringList>

namespace sotto::app {

struct CodeLanguage {
    QSet<QString> keywords;
    QStringList lineComments;  // "#", "//", "--"
    QString blockBegin;        // "/*"; empty: none
    QString blockEnd;
    QString quotes;          // characters that begin and end a one-line string
    QStringList longQuotes;  // strings that may span lines
    QString wordCharacters;  // besides letters, digits and "_"
    bool isCaseInsensitive = false;
};

// Rules for an info string such as "python", "c++", "ts"; a plain set for names that are not known.
CodeLanguage codeLanguage(const QString& name);

}  // namespace sotto::app

// InlineText: the text of a paragraph, heading or table cell as it is shown, and what is special
// about its parts.
//
// A formula is one U+FFFC in the text, a line break is U+2028; nothing else stands for something:
// all other characters are shown. Spans are in order, do not overlap, are never empty, and are as
// long as their styles stay the same. Plain values and pure functions, any thread.
#pragma once

#include <QtQml/qqmlregistration.h>
#include <QList>
#include <QMetaType>
#include <QString>

namespace sotto::app {

enum InlineStyle : quint16 {
    Bold = 1,
    Italic = 2,
    Strike = 4,
    Code = 8,
    Link = 16,
    Subscript = 32,
    Superscript = 64,
    Formula = 128,
    DisplayFormula = 256,  // beside Formula: it was written to stand on its own, $$ … $$
};

struct InlineSpan {
    int start = 0;       // UTF-16 units of the text
    int length = 0;      // at least 1; of a formula always 1
    quint16 styles = 0;  // InlineStyle, or-ed
    QString target;      // of a link: where to (http, https, mailto); of a formula: its TeX source

    bool operator==(const InlineSpan&) const = default;
};

struct InlineText {
    Q_GADGET
    QML_VALUE_TYPE(inlineText)
    Q_PROPERTY(QString text MEMBER text)

public:
    QString text;
    QList<InlineSpan> spans;

    bool isEmpty() const { return text.isEmpty(); }
    // At the end; what goes on in the same style lengthens its span.
    void append(const QString& part, quint16 styles = 0, const QString& target = {});
    bool operator==(const InlineText&) const = default;
};

// `length` units from `from`, with their spans; less where the text ends before.
InlineText mid(const InlineText& text, qsizetype from, qsizetype length = -1);

// With line breaks as \n and formulas as their TeX source between $ or $$: for copying and for
// screen readers.
QString plainText(const InlineText& text);
// Inline HTML of the small common kind, escaped, for the clipboard.
QString toHtml(const InlineText& text);
// Markdown that is parsed to the same text again.
QString toMarkdown(const InlineText& text);

enum class TextDirection { None, LeftToRight, RightToLeft };
// Of the first character that has one (UAX #9, rules P2 and P3); formulas and code have none.
TextDirection directionOf(const InlineText& text);

}  // namespace sotto::app

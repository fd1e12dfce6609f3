// What md4c is given in place of the written Markdown, so that it reads it as chat does.
//
// What is beyond md4c is written into a copy of the source, with characters that the
// source does not use (of the noncharacters U+FDD0 to U+FDEF), and is taken back from everything
// that comes out; code therefore is what was written, to the byte.
// 1. A formula becomes one word, so that nothing inside it is read as Markdown. $ and $$ are
//    Pandoc's: no blank behind the opening $, none before the closing one, no digit behind that.
//    \( \) and \[ \] are LaTeX's. None within code, links or over the end of a paragraph.
// 2. Emphasis beside CJK text: a letter that is not there stands beside ** where the CommonMark
//    CJK-friendly amendments read another flanking than CommonMark does.
// 3. A tilde that stands alone is a tilde: "~5 to ~7" strikes nothing through, ~~ does.
// 4. Blank lines in front, so that an error of md4c's that depends on offsets does not show.
// Pure, linear in the text, any thread.
#pragma once

#include <QByteArray>
#include <QString>
#include <optional>
#include <vector>

namespace sotto::app {

struct SourceFormula {
    QString tex;     // trimmed, without the marks of quotes and items around it
    QString source;  // as it was written, with its delimiters
    bool isDisplay = false;
};

class MarkdownSource {
public:
    explicit MarkdownSource(const QString& markdown);

    const QByteArray& utf8() const { return m_utf8; }  // for md4c
    // Of text that came out: as it was written.
    QString restored(const QString& text) const;

    // The next piece of text that came out, from `at`, which is moved behind it: characters as
    // written, or a formula.
    struct Piece {
        QString text;
        const SourceFormula* formula = nullptr;
    };
    std::optional<Piece> next(const QString& text, qsizetype& at) const;

private:
    void replaceInSource(const QString& markdown);

    QByteArray m_utf8;
    std::vector<SourceFormula> m_formulas;
    QChar m_joiner;       // stands beside emphasis; null: none
    QChar m_tilde;        // a tilde that strikes nothing through; null: none
    QChar m_formulaMark;  // around a formula's number; null: none
};

}  // namespace sotto::app

#include "app/chat/markdown_source.h"

#include "app/chat/cjk_flanking.h"
#include "app/chat/formula_finder.h"

namespace sotto::app {
namespace {

constexpr char16_t kFirstMark = 0xFDD0;
constexpr char16_t kLastMark = 0xFDEF;

// A noncharacter behind `after` that the text does not contain; null: it contains all.
QChar freeMark(const QString& text, QChar after) {
    for (char16_t mark = after.isNull() ? kFirstMark : after.unicode() + 1; mark <= kLastMark;
         ++mark)
        if (!text.contains(QChar(mark))) return QChar(mark);
    return {};
}

}  // namespace

MarkdownSource::MarkdownSource(const QString& markdown) : m_utf8(markdown.toUtf8()) {
    const std::vector<FoundFormula> formulas = findFormulas(m_utf8);
    const std::vector<qsizetype> joins = cjkJoins(m_utf8);
    if (formulas.empty() && joins.empty()) return;
    m_joiner = freeMark(markdown, {});
    m_formulaMark = m_joiner.isNull() ? QChar() : freeMark(markdown, m_joiner);
    if (m_formulaMark.isNull()) return;

    const QByteArray joiner = QString(m_joiner).toUtf8();
    const QByteArray mark = QString(m_formulaMark).toUtf8();
    QByteArray result;
    qsizetype at = 0;
    auto join = joins.begin();
    const auto copyTo = [&](qsizetype end) {
        for (; join != joins.end() && *join < end; ++join) {
            if (*join < at) continue;  // within a formula
            result += m_utf8.mid(at, *join - at);
            result += joiner;
            at = *join;
        }
        result += m_utf8.mid(at, end - at);
        at = end;
    };
    for (const FoundFormula& formula : formulas) {
        copyTo(formula.begin);
        result += mark + QByteArray::number(static_cast<qsizetype>(m_formulas.size())) + mark;
        m_formulas.push_back(
            {QString::fromUtf8(formula.tex),
             QString::fromUtf8(m_utf8.mid(formula.begin, formula.end - formula.begin)),
             formula.isDisplay});
        at = formula.end;
    }
    copyTo(m_utf8.size());
    m_utf8 = std::move(result);
}

std::optional<MarkdownSource::Piece> MarkdownSource::next(const QString& text,
                                                          qsizetype& at) const {
    if (at >= text.size()) return std::nullopt;
    if (m_formulaMark.isNull()) return Piece{text.mid(std::exchange(at, text.size()))};
    if (text[at] == m_formulaMark) {
        const qsizetype end = text.indexOf(m_formulaMark, at + 1);
        bool isNumber = false;
        const std::size_t index =
            QStringView(text).mid(at + 1, end - at - 1).toULongLong(&isNumber);
        if (end > at && isNumber && index < m_formulas.size()) {
            at = end + 1;
            return Piece{{}, &m_formulas[index]};
        }
    }
    qsizetype end = text.indexOf(m_formulaMark, at + 1);
    if (end < 0) end = text.size();
    QString plain = text.mid(at, end - at);
    at = end;
    return Piece{plain.remove(m_joiner)};
}

QString MarkdownSource::restored(const QString& text) const {
    QString result;
    qsizetype at = 0;
    while (const std::optional<Piece> piece = next(text, at))
        result += piece->formula != nullptr ? piece->formula->source : piece->text;
    return result;
}

}  // namespace sotto::app

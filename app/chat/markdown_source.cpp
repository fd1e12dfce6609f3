#include "app/chat/markdown_source.h"

#include <algorithm>
#include <array>

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

// Tildes that stand alone and are not escaped.
std::vector<qsizetype> singleTildes(const QByteArray& utf8) {
    std::vector<qsizetype> offsets;
    for (qsizetype at = utf8.indexOf('~'); at >= 0;) {
        qsizetype end = at, nEscapes = 0;
        while (end < utf8.size() && utf8[end] == '~') ++end;
        while (nEscapes < at && utf8[at - 1 - nEscapes] == '\\') ++nEscapes;
        const qsizetype begin = at + nEscapes % 2;
        if (end - begin == 1) offsets.push_back(begin);
        at = utf8.indexOf('~', end);
    }
    return offsets;
}

// md4c 0.4.8 looks for the block of an item where the last line's offset stands: behind a line
// whose text begins at a byte of this rest, a second blank line ends the item around it.
constexpr qsizetype kOffsets = 256;
constexpr qsizetype kBadOffset = 4;

// Blank lines that, in front of the text, leave no such line at such an offset.
qsizetype paddingFor(const QByteArray& utf8) {
    std::array<bool, kOffsets> isBad{};
    qsizetype begin = 0, textBegin = -1, textEnd = -1, nBlank = 0;
    while (begin < utf8.size()) {
        const qsizetype newline = utf8.indexOf('\n', begin);
        const qsizetype end = newline < 0 ? utf8.size() : newline;
        qsizetype text = begin;
        while (text < end && QByteArrayView(" \t\r>").contains(utf8[text])) ++text;
        if (text < end) {
            while (text < end && QByteArrayView(" \t>-+*.)0123456789").contains(utf8[text])) ++text;
            textBegin = begin, textEnd = text, nBlank = 0;
        } else if (++nBlank == 2 && textBegin >= 0) {
            for (qsizetype at = textBegin; at <= textEnd; ++at)
                isBad[static_cast<std::size_t>((kOffsets + kBadOffset - at % kOffsets) %
                                               kOffsets)] = true;
        }
        begin = end + 1;
    }
    const auto* good = std::find(isBad.begin(), isBad.end(), false);
    return good == isBad.end() ? 0 : good - isBad.begin();
}

}  // namespace

MarkdownSource::MarkdownSource(const QString& markdown) : m_utf8(markdown.toUtf8()) {
    replaceInSource(markdown);
    m_utf8.prepend(QByteArray(paddingFor(m_utf8), '\n'));
}

void MarkdownSource::replaceInSource(const QString& markdown) {
    const std::vector<FoundFormula> formulas = findFormulas(m_utf8);
    const std::vector<qsizetype> joins = cjkJoins(m_utf8);
    const std::vector<qsizetype> tildes = singleTildes(m_utf8);
    if (formulas.empty() && joins.empty() && tildes.empty()) return;
    m_joiner = freeMark(markdown, {});
    m_tilde = m_joiner.isNull() ? QChar() : freeMark(markdown, m_joiner);
    m_formulaMark = m_tilde.isNull() ? QChar() : freeMark(markdown, m_tilde);
    if (m_formulaMark.isNull()) return;

    // What is written in place of some bytes.
    struct Edit {
        qsizetype begin;
        qsizetype end;
        QByteArray written;
    };
    std::vector<Edit> edits;
    for (const qsizetype join : joins) edits.push_back({join, join, QString(m_joiner).toUtf8()});
    for (const qsizetype tilde : tildes)
        edits.push_back({tilde, tilde + 1, QString(m_tilde).toUtf8()});
    const QByteArray mark = QString(m_formulaMark).toUtf8();
    for (const FoundFormula& formula : formulas) {
        edits.push_back(
            {formula.begin, formula.end,
             mark + QByteArray::number(static_cast<qsizetype>(m_formulas.size())) + mark});
        m_formulas.push_back(
            {QString::fromUtf8(formula.tex),
             QString::fromUtf8(m_utf8.mid(formula.begin, formula.end - formula.begin)),
             formula.isDisplay});
    }
    std::stable_sort(edits.begin(), edits.end(),
                     [](const Edit& one, const Edit& other) { return one.begin < other.begin; });

    QByteArray result;
    qsizetype at = 0;
    for (const Edit& edit : edits) {
        if (edit.begin < at) continue;  // within a formula
        result += m_utf8.mid(at, edit.begin - at) + edit.written;
        at = edit.end;
    }
    m_utf8 = result + m_utf8.mid(at);
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
    return Piece{plain.remove(m_joiner).replace(m_tilde, QLatin1Char('~'))};
}

QString MarkdownSource::restored(const QString& text) const {
    QString result;
    qsizetype at = 0;
    while (const std::optional<Piece> piece = next(text, at))
        result += piece->formula != nullptr ? piece->formula->source : piece->text;
    return result;
}

}  // namespace sotto::app

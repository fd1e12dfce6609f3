#include "app/compare/answer_marks.h"

#include <QTextDocument>
#include <algorithm>

namespace sotto::app {

class AnswerMarks::Painter : public QSyntaxHighlighter {
public:
    Painter(QTextDocument* document, const AnswerMarks& marks)
        : QSyntaxHighlighter(document), m_marks(marks) {}

protected:
    void highlightBlock(const QString& text) override {
        const int start = currentBlock().position();
        const int nUnits = static_cast<int>(text.size());
        const auto paint = [&](Part part, const QTextCharFormat& format) {
            const int from = std::clamp(part.begin - start, 0, nUnits);
            const int to = std::clamp(part.end - start, 0, nUnits);
            if (from < to) setFormat(from, to - from, format);
        };
        QTextCharFormat common, word, first;
        common.setForeground(m_marks.m_commonColor);
        word.setForeground(m_marks.m_markColor);
        first.setForeground(m_marks.m_markColor);
        first.setBackground(m_marks.m_markFill);
        first.setFontUnderline(true);
        first.setUnderlineColor(m_marks.m_markColor);
        paint({0, m_marks.m_commonLength}, common);
        const auto paintAll = [&](const std::vector<Part>& parts, const QTextCharFormat& format) {
            for (auto at = firstBehind(parts, start);
                 at != parts.end() && at->begin < start + nUnits; ++at)
                paint(*at, format);
        };
        paintAll(m_marks.m_words, word);
        paint(partOf(m_marks.m_mark), first);
        paintAll(m_marks.m_ways, first);
    }

private:
    const AnswerMarks& m_marks;
};

AnswerMarks::AnswerMarks(QObject* parent) : QObject(parent) {
    connect(this, &AnswerMarks::changed, this, [this] {
        if (m_painter) m_painter->rehighlight();
    });
}

AnswerMarks::~AnswerMarks() { delete m_painter; }

AnswerMarks::Part AnswerMarks::partOf(const QVariantMap& part) {
    const int begin = part[QStringLiteral("begin")].toInt();
    return {begin, begin + part[QStringLiteral("length")].toInt()};
}

std::vector<AnswerMarks::Part> AnswerMarks::partsOf(const QVariantList& list) {
    std::vector<Part> parts;
    for (const QVariant& part : list) parts.push_back(partOf(part.toMap()));
    return parts;
}

std::vector<AnswerMarks::Part>::const_iterator AnswerMarks::firstBehind(
    const std::vector<Part>& parts, int position) {
    return std::ranges::partition_point(
        parts, [position](const Part& part) { return part.end <= position; });
}

void AnswerMarks::setChanges(const QVariantList& changes) {
    if (changes == m_changes) return;
    m_changes = changes;
    m_words = partsOf(changes);
    emit changed();
}

void AnswerMarks::setOtherWays(const QVariantList& otherWays) {
    if (otherWays == m_otherWays) return;
    m_otherWays = otherWays;
    m_ways = partsOf(otherWays);
    emit changed();
}

int AnswerMarks::otherWayAt(int position) const {
    const auto way = firstBehind(m_ways, position);
    return way != m_ways.end() && way->begin <= position ? static_cast<int>(way - m_ways.begin())
                                                         : -1;
}

int AnswerMarks::otherWayBeyond(int position, bool isForward) const {
    int found = -1;
    for (std::size_t way = 0; way < m_ways.size(); ++way) {
        if (isForward && m_ways[way].begin > position) return static_cast<int>(way);
        if (!isForward && m_ways[way].begin < position) found = static_cast<int>(way);
    }
    return found;
}

void AnswerMarks::setDocument(QQuickTextDocument* document) {
    if (document == m_document) return;
    m_document = document;
    delete m_painter;
    if (document != nullptr) m_painter = new Painter(document->textDocument(), *this);
    emit changed();
}

}  // namespace sotto::app

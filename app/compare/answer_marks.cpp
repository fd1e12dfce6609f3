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
        const std::vector<Part>& words = m_marks.m_words;
        for (auto at = firstBehind(words, start); at != words.end() && at->begin < start + nUnits;
             ++at)
            paint(*at, word);
        paint(partOf(m_marks.m_mark), first);
    }

private:
    static std::vector<Part>::const_iterator firstBehind(const std::vector<Part>& words,
                                                         int start) {
        return std::ranges::partition_point(
            words, [start](const Part& part) { return part.end <= start; });
    }

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

void AnswerMarks::setChanges(const QVariantList& changes) {
    if (changes == m_changes) return;
    m_changes = changes;
    m_words.clear();
    for (const QVariant& change : changes) m_words.push_back(partOf(change.toMap()));
    emit changed();
}

void AnswerMarks::setDocument(QQuickTextDocument* document) {
    if (document == m_document) return;
    m_document = document;
    delete m_painter;
    if (document != nullptr) m_painter = new Painter(document->textDocument(), *this);
    emit changed();
}

}  // namespace sotto::app

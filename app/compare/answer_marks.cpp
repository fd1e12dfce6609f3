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
        const auto paint = [&](int begin, int length, const QTextCharFormat& format) {
            const int from = std::clamp(begin - start, 0, nUnits);
            const int to = std::clamp(begin + length - start, 0, nUnits);
            if (from < to) setFormat(from, to - from, format);
        };
        QTextCharFormat common, word, first;
        common.setForeground(m_marks.m_commonColor);
        word.setForeground(m_marks.m_markColor);
        first.setForeground(m_marks.m_markColor);
        first.setBackground(m_marks.m_markFill);
        first.setFontUnderline(true);
        first.setUnderlineColor(m_marks.m_markColor);
        paint(0, m_marks.m_commonLength, common);
        for (const QVariant& change : m_marks.m_changes) paintPart(change.toMap(), word, paint);
        paintPart(m_marks.m_mark, first, paint);
    }

private:
    template <typename Paint>
    static void paintPart(const QVariantMap& part, const QTextCharFormat& format,
                          const Paint& paint) {
        paint(part[QStringLiteral("begin")].toInt(), part[QStringLiteral("length")].toInt(),
              format);
    }

    const AnswerMarks& m_marks;
};

AnswerMarks::AnswerMarks(QObject* parent) : QObject(parent) {
    connect(this, &AnswerMarks::changed, this, [this] {
        if (m_painter) m_painter->rehighlight();
    });
}

AnswerMarks::~AnswerMarks() { delete m_painter; }

void AnswerMarks::setDocument(QQuickTextDocument* document) {
    if (document == m_document) return;
    m_document = document;
    delete m_painter;
    if (document != nullptr) m_painter = new Painter(document->textDocument(), *this);
    emit changed();
}

}  // namespace sotto::app

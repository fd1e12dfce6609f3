// AnswerMarks: draws the differences of a compared answer into the text that shows it.
//
// Made in QML beside a TextEdit, whose document it changes in formats only. GUI thread only.
#pragma once

#include <QColor>
#include <QPointer>
#include <QQmlEngine>
#include <QQuickTextDocument>
#include <QSyntaxHighlighter>
#include <QVariantList>
#include <vector>

namespace sotto::app {

class AnswerMarks : public QObject {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QQuickTextDocument* document MEMBER m_document WRITE setDocument NOTIFY changed)
    // Positions in the text: what is common from the beginning on; the first difference; the words
    // behind it in their order, as {begin, length}.
    Q_PROPERTY(int commonLength MEMBER m_commonLength NOTIFY changed)
    Q_PROPERTY(QVariantMap mark MEMBER m_mark NOTIFY changed)
    Q_PROPERTY(QVariantList changes MEMBER m_changes WRITE setChanges NOTIFY changed)
    // Places where another model would have gone another way, in their order, the same: marked as
    // the first difference is.
    Q_PROPERTY(QVariantList otherWays MEMBER m_otherWays WRITE setOtherWays NOTIFY changed)
    Q_PROPERTY(QColor commonColor MEMBER m_commonColor NOTIFY changed)
    Q_PROPERTY(QColor markColor MEMBER m_markColor NOTIFY changed)
    Q_PROPERTY(QColor markFill MEMBER m_markFill NOTIFY changed)

public:
    explicit AnswerMarks(QObject* parent = nullptr);
    ~AnswerMarks() override;

    void setDocument(QQuickTextDocument* document);
    void setChanges(const QVariantList& changes);
    void setOtherWays(const QVariantList& otherWays);
    // Of `otherWays`: the one that has this position, the next behind or before it; -1: none.
    Q_INVOKABLE int otherWayAt(int position) const;
    Q_INVOKABLE int otherWayBeyond(int position, bool isForward) const;

signals:
    void changed();

private:
    class Painter;
    struct Part {
        int begin = 0;
        int end = 0;
    };
    static Part partOf(const QVariantMap& part);
    static std::vector<Part> partsOf(const QVariantList& list);
    // The first that ends behind `position`; they stand in order.
    static std::vector<Part>::const_iterator firstBehind(const std::vector<Part>& parts,
                                                         int position);

    QQuickTextDocument* m_document = nullptr;
    int m_commonLength = 0;
    QVariantMap m_mark;
    QVariantList m_changes;
    QVariantList m_otherWays;
    // The lists, read once: each paragraph looks for its own in them.
    std::vector<Part> m_words, m_ways;
    QColor m_commonColor, m_markColor, m_markFill;
    QPointer<QSyntaxHighlighter> m_painter;  // the document's child: it goes with that or with this
};

}  // namespace sotto::app

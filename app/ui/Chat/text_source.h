// TextSource: where the text of one block comes from, cut into the parts that are shown by an item
// each: a paragraph is one part, code, long paragraphs and questions are several, a table has one
// for each cell.
//
// Positions in the block are UTF-16 units of its parts one after the other (see selected_text.h),
// so that they mean the same whichever parts are on screen. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>

#include "app/chat/inline_text.h"

namespace sotto::app {

class TextSource : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("InlineSource, FlowSource, CodeSource, TableSource and TypedSource are made")

public:
    using QObject::QObject;

    // Its spans may have styles of ShownStyle too. Empty where there is no such part (any more).
    virtual InlineText part(int part) const = 0;
    // Where it begins in the block.
    virtual int partStart(int part) const = 0;
    // Whether it begins within a paragraph of the part before it.
    virtual bool goesOn(int) const { return false; }

    // A part, and those beside it that share a paragraph with it, as the block has them.
    struct Passage {
        int start = 0;  // in the block
        QString text;
    };
    Passage passageAround(int part) const;

signals:
    void partsChanged(int first, int last);  // including last
};

// One InlineText that is given.
class InlineSource : public sotto::app::TextSource {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::InlineText content READ content WRITE setContent NOTIFY contentChanged)

public:
    using TextSource::TextSource;

    const InlineText& content() const { return m_content; }
    void setContent(const InlineText& content) {
        if (content == m_content) return;
        m_content = content;
        emit contentChanged();
        emit partsChanged(0, 0);
    }

    InlineText part(int) const override { return m_content; }
    int partStart(int) const override { return 0; }

signals:
    void contentChanged();

private:
    InlineText m_content;
};

}  // namespace sotto::app

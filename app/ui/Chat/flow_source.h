// FlowSource: one paragraph; of a long one, parts that end where one of its lines ends, so that
// text that grows lays out its last lines only.
//
// All parts but the last are closed: what follows them cannot change their lines. The cuts are
// those ends of lines that the paragraph has in one piece at this width, and the parts show what it
// would show. Where they would not, it stays whole: with right-to-left text, whose order depends on
// the whole paragraph, and within inline code. GUI thread only.
#pragma once

#include <QPointer>
#include <QQmlEngine>
#include <vector>

#include "app/ui/Chat/chunk_model.h"
#include "app/ui/Chat/text_source.h"
#include "app/ui/Chat/text_style.h"

namespace sotto::app {

class FlowSource : public sotto::app::TextSource {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::InlineText content READ content WRITE setContent NOTIFY contentChanged)
    Q_PROPERTY(sotto::app::TextStyle* style READ style WRITE setStyle NOTIFY shapeChanged)
    Q_PROPERTY(double width READ width WRITE setWidth NOTIFY shapeChanged)  // px of its lines
    Q_PROPERTY(sotto::app::ChunkModel* closed READ closed CONSTANT)         // all but the last part
    Q_PROPERTY(bool isCut READ isCut NOTIFY cutsChanged)
    Q_PROPERTY(int lastPart READ lastPart NOTIFY cutsChanged)
    // For screen readers, of the whole where it is cut, else empty: that of its part is enough.
    Q_PROPERTY(QString spokenText READ spokenText NOTIFY spokenTextChanged)

public:
    // UTF-16 units. Up to kMostOpen are laid out with every delivery of text, some 20 lines; with a
    // smaller part there would be more items to draw than that spares.
    static constexpr int kMostOpen = 1536;
    static constexpr int kPart = 1024;
    static constexpr int kLeastOpen = kMostOpen - kPart;

    using TextSource::TextSource;

    const InlineText& content() const { return m_content; }
    void setContent(const InlineText& content);
    TextStyle* style() const { return m_style; }
    void setStyle(TextStyle* style);
    double width() const { return m_width; }
    void setWidth(double width);
    ChunkModel* closed() { return &m_closed; }
    bool isCut() const { return !m_cuts.empty(); }
    int lastPart() const { return static_cast<int>(m_cuts.size()); }
    QString spokenText() const;

    InlineText part(int part) const override;
    int partStart(int part) const override;
    bool goesOn(int part) const override { return part > 0 && part <= lastPart(); }

signals:
    void contentChanged();
    void shapeChanged();
    void cutsChanged();
    void spokenTextChanged();

private:
    // Between two parts; in units of the content.
    struct Cut {
        int end = 0;        // of the part before it
        int next = 0;       // begin of the part behind it; a line separator lies between
        int decidedBy = 0;  // end of the next line: what is behind cannot move the cut
        double height = 0;  // px, of the part before it
    };

    void recut(int changedFrom);
    void cutLast();
    bool cutWindow(int size);
    bool mayCut(int lineBegin, int lineEnd) const;
    int length() const { return static_cast<int>(m_content.text.size()); }

    InlineText m_content;
    bool m_isRightToLeft = false;  // some of it
    QPointer<TextStyle> m_style;
    double m_width = 0;
    std::vector<Cut> m_cuts;
    ChunkModel m_closed;
};

}  // namespace sotto::app

// BlockColumn: the item that the blocks of an answer lie in. It tells the model (NearBlocks) which
// of them are in the viewport (the nearest Flickable, else the window), and takes their heights
// from it.
//
// What is seen is made before the frame that shows it; what is near is made between frames, a few
// milliseconds at a time, and goes again when it is far. For a screen reader, which reads on beyond
// what is seen, all are near. GUI thread only.
#pragma once

#include <QPointer>
#include <QQuickItem>
#include <QTimer>

#include "app/ui/Chat/near_blocks.h"

namespace sotto::app {

class BlockColumn : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::BlockListModel* blocks READ blocks WRITE setBlocks NOTIFY blocksChanged)
    Q_PROPERTY(sotto::app::NearBlocks* rows READ rows CONSTANT)
    // Of paragraphs, of code and of the cells of tables, to estimate heights by.
    Q_PROPERTY(sotto::app::TextStyle* textStyle MEMBER m_textStyle NOTIFY stylesChanged)
    Q_PROPERTY(sotto::app::TextStyle* codeStyle MEMBER m_codeStyle NOTIFY stylesChanged)
    Q_PROPERTY(sotto::app::TextStyle* cellStyle MEMBER m_cellStyle NOTIFY stylesChanged)

public:
    // Viewports above and below what is seen.
    static constexpr double kNear = 1;
    static constexpr double kFar = 2;
    static constexpr double kMostMs = 3;  // of making blocks that are not seen, at once

    explicit BlockColumn(QQuickItem* parent = nullptr);

    BlockListModel* blocks() const { return m_rows.blocks(); }
    void setBlocks(BlockListModel* blocks);
    NearBlocks* rows() { return &m_rows; }

    // Where a block lies or is going to, px from the top.
    Q_INVOKABLE QRectF placeOf(int block) const;

signals:
    void blocksChanged();
    void stylesChanged();

protected:
    void componentComplete() override;
    void itemChange(ItemChange change, const ItemChangeData& data) override;
    void geometryChange(const QRectF& now, const QRectF& before) override;
    void updatePolish() override;

private slots:
    void look();

private:
    void restyle();
    void takePlaces();
    void show(double mostMs);
    ColumnSpan seen() const;
    int focusedBlock() const;

    QPointer<TextStyle> m_textStyle;
    QPointer<TextStyle> m_codeStyle;
    QPointer<TextStyle> m_cellStyle;
    NearBlocks m_rows;
    ColumnSpan m_seen;          // as it was last looked at
    double m_displacement = 0;  // px that what is read has moved since
    QPointer<QQuickItem> m_viewport;
    QMetaObject::Connection m_frames;
    QMetaObject::Connection m_focus;
    QTimer m_more;
};

}  // namespace sotto::app

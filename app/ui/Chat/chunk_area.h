// ChunkArea: the item that a column of chunks lies in. Before every frame it tells the model which
// part of it is in the viewport (the nearest Flickable, else the window), and as much again above
// and below, so that scrolling finds the chunks made. GUI thread only.
#pragma once

#include <QPointer>
#include <QQuickItem>

#include "app/ui/Chat/chunk_model.h"

namespace sotto::app {

class ChunkArea : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(sotto::app::ChunkModel* chunks MEMBER m_chunks NOTIFY chunksChanged)

public:
    explicit ChunkArea(QQuickItem* parent = nullptr);

signals:
    void chunksChanged();

protected:
    void itemChange(ItemChange change, const ItemChangeData& data) override;
    void updatePolish() override;

private:
    QPointer<ChunkModel> m_chunks;
    QMetaObject::Connection m_frames;
};

}  // namespace sotto::app

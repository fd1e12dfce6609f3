// NearBlocks: lies in a column of blocks and tells each, before every frame, whether it is near the
// viewport (the nearest Flickable, else the window): what is far is not drawn and not asked for the
// pointer, so that a long answer costs a frame no more than a short one.
//
// For a screen reader, which reads on beyond what is seen, all are near. GUI thread only.
#pragma once

#include <QQuickItem>

namespace sotto::app {

class NearBlocks : public QQuickItem {
    Q_OBJECT
    QML_ELEMENT

public:
    // Viewports above and below what is seen that are near, so that Tab and scrolling find them.
    static constexpr double kMargin = 3;

    explicit NearBlocks(QQuickItem* parent = nullptr);

protected:
    void itemChange(ItemChange change, const ItemChangeData& data) override;

private:
    void tell();

    QMetaObject::Connection m_frames;
};

}  // namespace sotto::app

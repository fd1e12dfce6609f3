// IconProvider: draws the Lucide icons of resources/icons in a theme colour, at the pixel size
// asked.
//
// Registered as "icon"; the source is image://icon/<name>/<stroke width in 1/100>/<rrggbb>. Qt
// Quick multiplies the source size by the device pixel ratio, so icons are crisp at every scale and
// on both backends. Stateless; Qt may call it from its image loading thread.
#pragma once

#include <QQuickImageProvider>

namespace sotto::app {

class IconProvider : public QQuickImageProvider {
public:
    IconProvider();

    // A transparent image when the name is unknown (a warning names it); never null.
    QImage requestImage(const QString& id, QSize* size, const QSize& requestedSize) override;
};

}  // namespace sotto::app

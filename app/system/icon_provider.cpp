#include "app/system/icon_provider.h"

#include <QFile>
#include <QPainter>
#include <QSvgRenderer>

namespace sotto::app {

namespace {

constexpr int kDefaultSide = 24;  // the icons' own view box

// The icon's SVG text with its colour and stroke width replaced; empty when there is none.
QByteArray tintedSvg(const QStringList& parts) {
    QFile file(QStringLiteral(":/icons/%1.svg").arg(parts.value(0)));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QByteArray svg = file.readAll();
    const double strokeWidth = parts.value(1, QStringLiteral("200")).toInt() / 100.0;
    svg.replace("currentColor", "#" + parts.value(2, QStringLiteral("808080")).toLatin1());
    svg.replace("stroke-width=\"2\"", "stroke-width=\"" + QByteArray::number(strokeWidth) + "\"");
    return svg;
}

}  // namespace

IconProvider::IconProvider() : QQuickImageProvider(QQuickImageProvider::Image) {}

QImage IconProvider::requestImage(const QString& id, QSize* size, const QSize& requestedSize) {
    QSize side = requestedSize;
    if (side.width() <= 0) side.setWidth(side.height() > 0 ? side.height() : kDefaultSide);
    if (side.height() <= 0) side.setHeight(side.width());
    QImage image(side, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    if (size) *size = side;

    const QStringList parts = id.split(u'/');
    const QByteArray svg = tintedSvg(parts);
    if (svg.isEmpty()) {
        qWarning("No icon is named \"%s\".", qPrintable(parts.constFirst()));
        return image;
    }
    QSvgRenderer renderer(svg);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    renderer.render(&painter, QRectF(QPointF(0, 0), QSizeF(side)));
    return image;
}

}  // namespace sotto::app

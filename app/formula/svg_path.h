// Path data of SVG 1.1 (section 8.3) as a QPainterPath: the commands M L H V C S Z, absolute and
// relative, which are all that KaTeX's roots, braces and arrows use. What cannot be read ends the
// path where it stands.
#pragma once

#include <QPainterPath>
#include <QStringView>

namespace sotto::app {

QPainterPath svgPath(QStringView data);

}  // namespace sotto::app

// KaTeX's virtual DOM tree as katex_export.js writes it: spans, symbols and SVG pictures with their
// classes and styles. Lengths of styles are in em of the node's own font size; height and depth are
// KaTeX's own, in em of its parent's.
#pragma once

#include <QByteArray>
#include <QHash>
#include <QLineF>
#include <QList>
#include <QString>
#include <optional>
#include <vector>

namespace sotto::app {

struct KatexSvg {
    QHash<QString, QString> attributes;
    QStringList paths;
    std::vector<QLineF> lines;  // between corners of the picture, 0 to 1 in both directions
    double strokeWidth = 0;     // em
};

struct KatexNode {
    QStringList classes;
    QHash<QString, QString> style;
    QString text;  // of a symbol
    double italic = 0;
    double height = 0;
    double depth = 0;
    std::optional<KatexSvg> svg;
    std::vector<KatexNode> children;

    bool hasClass(QLatin1String name) const { return classes.contains(name); }
    // A length of the style ("1.5em"), or nothing where there is none.
    std::optional<double> em(const char* property) const;
};

// The number before "em"; nothing for anything else.
std::optional<double> readEm(const QString& value);

// Nothing: not such a tree, or nested deeper than kMaxKatexDepth.
inline constexpr int kMaxKatexDepth = 400;
std::optional<KatexNode> readKatexTree(const QByteArray& json);

}  // namespace sotto::app

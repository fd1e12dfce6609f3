// What KaTeX's style sheet says of its classes, as far as it decides where something is and how it
// looks: a table from class to meaning, applied from the root downwards. The truth is katex.css of
// the same version (0.16); the names of rules are its class names.
#pragma once

#include <QColor>

#include "app/formula/formula_picture.h"
#include "app/formula/katex_tree.h"

namespace sotto::app {

enum class FormulaFamily : quint8 {
    Main,
    Math,
    Ams,
    Caligraphic,
    Fraktur,
    SansSerif,
    Script,
    Typewriter,
    Size1,
    Size2,
    Size3,
    Size4
};

enum class FormulaAlign : quint8 { Left, Center, Right };

// What a node hands on to its children.
struct InheritedStyle {
    double fontSize = 1;  // em of the surrounding text
    FormulaFamily family = FormulaFamily::Main;
    bool isBold = false;
    bool isItalic = false;
    bool isHidden = false;  // \phantom
    bool isPiece = false;   // of a tall delimiter
    QColor color;           // not valid: the caller's
    QPointF shadow;         // \pmb: em of the node's font size by which everything is painted again
    FormulaAlign align = FormulaAlign::Left;
};

// How a node takes part in the layout.
enum class KatexLayout : quint8 {
    Inline,   // children in a row
    Nothing,  // struts: they only hold browsers' lines apart
    VerticalList,
    Lap,        // paints beside itself and takes no room
    FullWidth,  // as wide as what it is stacked on: lines, boxes, stretched pictures
    Absolute,   // at a share of its parent's width
    Rule,
    VerticalLine,
    SideLabel  // beside the arrow of a commutative diagram
};

// A node's own part of the box model, in em of the surrounding text.
struct BoxStyle {
    KatexLayout layout = KatexLayout::Inline;
    double paddingLeft = 0, paddingRight = 0;
    double marginLeft = 0, marginRight = 0;
    double left = 0, top = 0;     // relative position: moves what is painted, takes no room
    std::optional<double> width;  // fixed
    double minWidth = 0;
    double height = 0;                     // where the style gives one
    double shareLeft = 0, shareWidth = 0;  // Absolute: of the parent's width
    double lapShare = 0;  // Lap: share of the content's width by which it begins further left
};

// The style of a node under a parent with the given classes (and, above that, a grandparent).
InheritedStyle inheritedStyle(const KatexNode& node, const InheritedStyle& parent,
                              const QStringList& parentClasses,
                              const QStringList& grandparentClasses);
BoxStyle boxStyle(const KatexNode& node, const InheritedStyle& style);

// The file that has a family in bold or italic, or the nearest there is.
FormulaFace formulaFace(const InheritedStyle& style);

}  // namespace sotto::app

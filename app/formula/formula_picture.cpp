#include "app/formula/formula_picture.h"

namespace sotto::app {

namespace {

qsizetype bytesOf(const FormulaGlyphs& glyphs) {
    return glyphs.text.size() * 2 + glyphs.indexes.size() * 4 + glyphs.offsets.size() * 8;
}

qsizetype bytesOf(const FormulaText& text) { return text.text.size() * 2; }

qsizetype bytesOf(const FormulaRule&) { return 0; }

qsizetype bytesOf(const FormulaShape& shape) {
    return shape.path.elementCount() * qsizetype(sizeof(QPainterPath::Element));
}

}  // namespace

qsizetype pictureBytes(const FormulaPicture& picture) {
    qsizetype bytes = sizeof(FormulaPicture);
    for (const FormulaMark& mark : picture.marks)
        bytes +=
            sizeof(FormulaMark) + std::visit([](const auto& each) { return bytesOf(each); }, mark);
    return bytes;
}

}  // namespace sotto::app

// BlockMeter: how high a block of an answer is going to be, about, before it is made.
//
// From its text, the number of its lines or rows and the fonts alone: a thousandth of what making
// it costs. GUI thread only.
#pragma once

#include "app/chat/markdown_blocks.h"
#include "app/ui/Chat/text_style.h"
#include "app/ui/Chat/wrap_meter.h"

namespace sotto::app {

// Of each kind of text; all of them or none.
struct BlockStyles {
    const TextStyle* text = nullptr;
    const TextStyle* code = nullptr;
    const TextStyle* cell = nullptr;
};

class BlockMeter {
public:
    // True when heights are others than before.
    bool setStyles(const BlockStyles& styles);
    // px, in a column of this width; without the gap above it.
    double height(const MarkdownBlock& block, double width) const;

private:
    WrapMeter m_text;
    double m_textLine = 0;  // px, as the others
    double m_codeLine = 0;
    double m_cellLine = 0;
};

}  // namespace sotto::app

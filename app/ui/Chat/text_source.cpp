#include "app/ui/Chat/text_source.h"

namespace sotto::app {

TextSource::Passage TextSource::passageAround(int part) const {
    int first = part;
    while (goesOn(first)) --first;
    Passage passage{partStart(first), this->part(first).text};
    for (int next = first + 1; goesOn(next); ++next) {
        // Of the line end between two parts neither has the separator.
        const auto gap = partStart(next) - passage.start - passage.text.size();
        passage.text += QString(gap, QChar::LineSeparator) + this->part(next).text;
    }
    return passage;
}

}  // namespace sotto::app

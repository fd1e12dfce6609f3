// What two lists of rows share at their ends, so that a model can leave those rows alone: the
// view's place and an open rename field survive most changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sotto::app {

struct EqualEnds {
    std::size_t nFront = 0;
    std::size_t nBack = 0;
};

// Rows are the same when isSameItem() says so, whatever else changed in them.
template <typename Row>
EqualEnds equalEnds(const std::vector<Row>& before, const std::vector<Row>& after) {
    const std::size_t nShorter = std::min(before.size(), after.size());
    EqualEnds ends;
    while (ends.nFront < nShorter && after[ends.nFront].isSameItem(before[ends.nFront]))
        ++ends.nFront;
    while (ends.nBack < nShorter - ends.nFront &&
           after[after.size() - 1 - ends.nBack].isSameItem(before[before.size() - 1 - ends.nBack]))
        ++ends.nBack;
    return ends;
}

}  // namespace sotto::app

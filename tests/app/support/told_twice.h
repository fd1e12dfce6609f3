// What a window says twice at once in the same words.
#pragma once

#include <QStringList>

class QQuickItem;

namespace sotto::app {

// Clauses of at least four words (Chinese: eight characters) that more than one text on screen has,
// or one of them twice. `root`: of the whole window, with what lies over its page. What a person
// typed does not count.
QStringList toldTwice(QQuickItem& root);

}  // namespace sotto::app

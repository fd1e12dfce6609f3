// What the settings with a few values offer: rows of {text, value} for the window's lists. A value
// that is set and stands in no list (typed elsewhere, of another version) has its row, too.
//
// Pure functions; texts are in the language of the moment.
#pragma once

#include <QString>
#include <QVariantList>

namespace sotto::app {

QVariantList contextChoices(int current);  // tokens, 0: automatic; the last one kOwnContext
QVariantList threadChoices(int current);   // 0: automatic
// Types of keys and values as kvTypesText() writes them; what the window calls them, and what they
// take and cost against F16.
QVariantList kvTypeChoices(const QString& current);
QString kvTypeName(const QString& types);
QString kvTypeDetail(const QString& types);
QVariantList idleChoices(int current);                    // minutes; 0: never
QVariantList binDaysChoices(int current);                 // 0: they stay
QVariantList prefixCacheChoices(int current);             // 10^9 bytes
QVariantList textSizeChoices(int smallest, int largest);  // px

}  // namespace sotto::app

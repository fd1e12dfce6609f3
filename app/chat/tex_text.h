// Small TeX to readable Unicode: Greek, operators, fractions, roots, scripts. Not a typesetter:
// what it does not know it leaves as it was written. Pure functions, linear in the text.
#pragma once

#include <QString>

namespace sotto::app {

// "\frac{a^2}{\sqrt{b}} \le \alpha" becomes "a²/√b ≤ α".
QString texToText(const QString& tex);

}  // namespace sotto::app

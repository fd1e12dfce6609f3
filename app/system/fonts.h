// Fonts of the window: loads the shipped families and says what stands in for scripts they lack.
//
// Called once by main() and by the tests of the interface, after the QGuiApplication and before
// QML.
#pragma once

#include <QStringList>

namespace sotto::app {

// The family names loaded; fewer than three when a resource is missing (the system font then stands
// in).
QStringList loadFonts();

}  // namespace sotto::app

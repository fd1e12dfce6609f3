// Qt's messages on stderr, without those that mean nothing here, and counted.
//
// Installed once by main(). Thread-safe.
#pragma once

namespace sotto::app {

void installMessageHandler();

// Warnings and worse that were printed since then; unattended runs must have none.
int warningCount();

}  // namespace sotto::app

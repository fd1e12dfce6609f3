// The time as a part of file names. Any thread.
#pragma once

#include <string>

namespace sotto::storage {

// "20261120-175301" in UTC, for names of backups and of what is set aside.
std::string fileTimestamp();

}  // namespace sotto::storage

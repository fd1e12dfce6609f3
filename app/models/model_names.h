// The names that a person gave to model files. A file keeps its own name and stays where it is; the
// name is kept in the library, by path.
//
// Plain functions for the storage's thread.
#pragma once

#include <QString>
#include <map>

#include "base/result.h"
#include "storage/api/database.h"

namespace sotto::app {

using ModelNames = std::map<QString, QString>;  // by path

inline constexpr qsizetype kLongestModelName = 120;  // UTF-16 units

// Empty where they cannot be read.
ModelNames readModelNames(storage::Database& database);

// Without line breaks and blanks around it; empty: the model's own name again. Errors: those of the
// database.
Status keepModelName(storage::Database& database, const QString& path, const QString& name);

}  // namespace sotto::app

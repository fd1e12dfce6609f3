// Errors as one sentence with cause and remedy, in the window's language.
//
// English shows the library's own sentence, which is the most precise; other languages a sentence
// per code with the file and the numbers in it.
#pragma once

#include <QString>

#include "base/error.h"

namespace sotto::app {

QString errorText(const Error& error);
// The same of what reads a text with models, whose InvalidArgument has `needed` and `available` in
// tokens.
QString readingErrorText(const Error& error);
// Why the disk cannot be used in this run. `isCopyShown`: the chats on it can be read.
QString startProblemText(const Error& error, bool isCopyShown);

}  // namespace sotto::app

// AnswerFigures: the numbers below an answer, as they are shown: how fast it was written, when it
// began, how long it is, what of its prompt was there already, and why it ended, if not by itself.
//
// Texts are in the language of the moment. GUI thread only.
#pragma once

#include <QStringList>

namespace sotto::app {

struct Message;

// Those that are known.
QStringList answerFigures(const Message& answer);

}  // namespace sotto::app

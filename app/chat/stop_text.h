// StopText: why an answer ended, in words, and whether it can be carried on from there.
//
// By the names of engine::StopReason as they are stored with a message (stopReasonName); a name
// that is not known says nothing. Texts are in the language of the moment. GUI thread only.
#pragma once

#include <QString>

namespace sotto::app {

// "stopped at the token limit"; empty where the model ended by itself.
QString stopText(const QString& reason);

// Something other than the model ended it, so there may be more to say.
bool isCutShort(const QString& reason);

}  // namespace sotto::app

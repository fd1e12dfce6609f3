// StopText: why an answer ended, in words, and whether it can be carried on from there.
//
// By the names of engine::StopReason as they are stored with a message (stopReasonName); a name
// that is not known says nothing. Texts are in the language of the moment. GUI thread only.
#pragma once

#include <QString>

namespace sotto::app {

struct Message;

// The name of the reason of an answer: as it was stored, or kInterrupted for one that was being
// written when the program ended (it is stored as stopped, and by nobody).
inline constexpr const char* kInterrupted = "interrupted";
QString endReason(const Message& answer);

// What is to be said below an answer that has no words, or that the program's end cut off; empty
// where nothing is.
QString endNote(const Message& answer);

// "stopped at the token limit"; empty where the model ended by itself.
QString stopText(const QString& reason);

// Something other than the model ended it, so there may be more to say.
bool isCutShort(const QString& reason);

}  // namespace sotto::app

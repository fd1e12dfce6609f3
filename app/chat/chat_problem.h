// ChatProblem: what could not be saved in the chat on screen, and where its words are now: as code
// and numbers, so that the sentence follows the language.
//
// Plain value; GUI thread only.
#pragma once

#include <QString>
#include <optional>

#include "base/error.h"

namespace sotto::app {

struct ChatProblem {
    enum Words {
        None,         // of a person's are concerned
        InEditor,     // still there
        InComposer,   // back where they were written
        NewDraft,     // the draft of the new chat
        DraftOfChat,  // the draft of a chat that is not on screen
    };
    Error error;
    Words words = None;

    // The cause, and where the words are; of a lasting cause, which the window's banner tells
    // already, the words alone. Empty: nothing is left to say.
    QString text() const;
};

}  // namespace sotto::app

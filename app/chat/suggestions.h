// Suggestions: questions to begin a new chat with, in the language of the moment.
//
// The demo model understands simple English only, so its questions are asked in English whatever
// language they are offered in; they fit nothing but it. GUI thread only.
#pragma once

#include <QVariantList>

namespace sotto::app {

// Rows of {text, question}: what is offered and what is sent.
QVariantList suggestions(bool isDemo);

}  // namespace sotto::app

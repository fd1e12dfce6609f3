// TokenKeyring: the system's keyring for the hub's access token, as the window uses it.
//
// Place: a port, because a keyring is another program that may ask its person for a password: every
// answer comes later, by a call on the GUI thread. A system without one answers with an error, and
// the window goes over to the file (app/core/hub/token_store.h). GUI thread only.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace sotto::app {

class TokenKeyring {
public:
    using Read = std::function<void(const Result<std::string>&)>;  // empty: it holds none
    using Done = std::function<void(const Status&)>;

    virtual ~TokenKeyring() = default;

    // Answers that are outstanding when the keyring is destroyed do not come.
    // A text as of tokenText().
    virtual void read(Read done) = 0;
    virtual void write(const std::string& token, Done done) = 0;
    virtual void remove(Done done) = 0;  // no error when there is none
};

}  // namespace sotto::app

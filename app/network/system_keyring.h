// The keyring of this system, for the hub's access token. GUI thread only.
#pragma once

#include <memory>

#include "app/network/token_keyring.h"

namespace sotto::app {

// Null in a build without one. Whether a service answers is only told by its first answer.
std::unique_ptr<TokenKeyring> makeSystemKeyring();

}  // namespace sotto::app

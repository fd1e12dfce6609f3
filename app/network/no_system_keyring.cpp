// A build without QtKeychain: the token is in its file.
#include "app/network/system_keyring.h"

namespace sotto::app {

std::unique_ptr<TokenKeyring> makeSystemKeyring() { return nullptr; }

}  // namespace sotto::app

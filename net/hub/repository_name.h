// Names of repositories and revisions, before they become part of an address.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sotto::net {

// "owner/name", or "name" of the hub's own ones. Errors: InvalidArgument.
Status checkRepository(std::string_view name);
// A branch, a tag or a commit. Errors: InvalidArgument.
Status checkRevision(std::string_view revision);

}  // namespace sotto::net

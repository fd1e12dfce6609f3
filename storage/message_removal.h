// Taking messages out of a tree and putting them back; see Messages::remove for what goes and what
// stays. Both run inside the caller's transaction. Storage thread only.
#pragma once

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

// Errors: NotFound, DatabaseDamaged (a row that goes cannot be read).
Result<RemovedMessages> removeMessage(Connection& connection, MessageId messageId);

// Errors: InvalidArgument (chat or parent are gone, a row is there already).
Status restoreMessages(Connection& connection, const RemovedMessages& removed);

}  // namespace sotto::storage
